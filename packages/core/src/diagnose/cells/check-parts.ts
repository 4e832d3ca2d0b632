import { GloveboxError } from '../../errors.js'
import type { Part } from './part.js'

/** A part and the file that it was read from. */
export interface NamedPart {
  path: string
  part: Part
}

/** What all parts of one experiment have in common, as a reader would call it. */
const common: readonly [name: string, read: (part: Part) => string | undefined][] = [
  ['number of cells', ({ cell }) => String(cell.of)],
  ['test file', ({ file }) => file],
  ['content of the test file (SHA-256)', ({ setting }) => setting.sha256],
  ['test (-t)', ({ testName }) => testName],
  ['commit', ({ setting }) => setting.commit],
  ['choice of dimensions (--only)', ({ setting }) => setting.only],
  ['choice of neighbours (--with)', ({ setting }) => setting.with?.join(', ')],
  ['runner', ({ runner, setting }) => `${runner} ${setting.versions.runner}`],
  ['version of Node.js', ({ setting }) => setting.versions.node],
  ['version of Glovebox', ({ setting }) => setting.versions.glovebox],
]

/** Throws GLOVEBOX_CONFIG unless these are all the parts of one experiment, each of them once. Pure. */
export function checkParts(parts: readonly [NamedPart, ...NamedPart[]]): void {
  const [first] = parts
  for (const { path, part } of parts) {
    for (const [name, read] of common) {
      const [one, other] = [read(first.part), read(part)]
      if (one === other) continue
      throw new GloveboxError(
        'GLOVEBOX_CONFIG',
        `${path} is no part of the experiment that ${first.path} is of: the ${name} is ${other ?? 'none'}, not ${one ?? 'none'}`,
        {
          remedy:
            'Join parts only that were made of the same commit, with the same command and the same versions.',
        },
      )
    }
  }
  const { of } = first.part.cell
  for (let index = 1; index <= of; index++) {
    const found = parts.filter(({ part }) => part.cell.index === index).map(({ path }) => path)
    if (found.length === 1) continue
    throw new GloveboxError(
      'GLOVEBOX_CONFIG',
      found.length === 0
        ? `the part of cell ${index}/${of} is missing`
        : `cell ${index}/${of} is there ${found.length} times: ${found.join(', ')}`,
      { remedy: `Give the ${of} parts of one experiment, each once.` },
    )
  }
}
