import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { measure } from '../lib/meter.js'

const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')

/** A generated suite of small files under Vitest's own pools and under Glovebox. Figures are for the whole run. */
export function filesSuite({ files, workers }) {
  const variants = [
    { name: 'forks', args: ['--pool', 'forks'] },
    { name: 'threads', args: ['--pool', 'threads'] },
    { name: 'forks --no-isolate', args: ['--pool', 'forks', '--no-isolate'] },
    { name: 'threads --no-isolate', args: ['--pool', 'threads', '--no-isolate'] },
    { name: 'Glovebox', config: 'vitest.forked.config.js', args: [] },
    { name: 'Glovebox, fresh workers', config: 'vitest.fresh.config.js', args: [] },
  ]
  const limit = workers === undefined ? [] : ['--maxWorkers', String(workers)]
  let folder
  return {
    title: `${files} small test files, one run of Vitest (${workers ?? 'default'} workers)`,
    per: 'run',
    references: ['forks', 'threads'],
    skipped: [],
    prepare() {
      folder = generate(files)
      return () => rmSync(folder, { recursive: true, force: true })
    },
    variants: variants.map(({ name, config = 'vitest.config.js', args }) => ({
      name,
      async measure() {
        const run = [
          vitest,
          'run',
          '--config',
          join(folder, config),
          '--configLoader',
          'native',
          '--reporter',
          'dot',
        ]
        const measured = await measure({
          command: process.execPath,
          args: [...run, ...limit, ...args],
          cwd: folder,
          env: { NO_COLOR: '1' },
        })
        if (!measured.output.includes(`Test Files  ${files} passed (${files})`)) {
          throw new Error(`${name} did not pass all ${files} files:\n${measured.output}`)
        }
        return measured
      },
    })),
  }
}

/** Below the repository, so that its packages are found from there. */
function generate(count) {
  const cache = join(repository, '.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'bench-'))
  const write = (name, content) => writeFileSync(join(folder, name), content)
  write('package.json', '{ "type": "module", "private": true }\n')
  write('vitest.config.js', config('', ''))
  const imports = "import { glovebox } from '@glovebox/vitest-plugin'\n"
  write('vitest.forked.config.js', config(imports, "plugins: [glovebox({ worker: 'fork' })],"))
  write('vitest.fresh.config.js', config(imports, "plugins: [glovebox({ worker: 'spawn' })],"))
  write('subject.js', subject)
  for (let index = 0; index < count; index++) write(`file-${index}.test.js`, testFile(index))
  return folder
}

const config = (imports, plugins) =>
  `${imports}export default { ${plugins} cacheDir: '.vite', test: { include: ['*.test.js'] } }\n`

const subject = `export const add = (a, b) => a + b
export const later = (value) => new Promise((resolve) => setImmediate(resolve, value))
`

const testFile = (index) => `import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { add, later } from './subject.js'

describe('file ${index}', () => {
  test('adds', () => {
    expect(add(${index}, 1)).toBe(${index + 1})
  })
  test('joins', () => {
    expect(join('a', '${index}')).toBe('a/${index}')
  })
  test('waits', async () => {
    expect(await later({ index: ${index} })).toEqual({ index: ${index} })
  })
})
`
