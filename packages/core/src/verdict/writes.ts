import { relative } from 'node:path'
import prettyBytes from 'pretty-bytes'
import type { DiscardedWrite } from './usage.js'

/** How many are named; the rest is counted. */
const named = 5

/** `wrote data.db (12 KiB), deleted old.txt and 2 more`. Paths are shown relative to `root`, where it is given. Pure. */
export function describeWrites(writes: readonly DiscardedWrite[], root?: string): string {
  const shown = writes.slice(0, named).map((write, index) => {
    const verb = verbOf(write)
    const repeated = index > 0 && verb === verbOf(writes[index - 1])
    return `${repeated ? '' : `${verb} `}${pathOf(write, root)}${verb === 'deleted' ? '' : ` (${sizeOf(write)})`}`
  })
  const more = writes.length - shown.length
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '')
}

function verbOf(write: DiscardedWrite | undefined): string {
  return write?.change === 'deleted' ? 'deleted' : write?.change === 'modified' ? 'changed' : 'wrote'
}

function pathOf({ path }: DiscardedWrite, root: string | undefined): string {
  return root === undefined ? path : relative(root, path)
}

function sizeOf({ size }: DiscardedWrite): string {
  return prettyBytes(size, { binary: true, maximumFractionDigits: 1 })
}
