import { expect, test } from 'vitest'
import type { DiscardedWrite } from './usage.js'
import { describeWrites } from './writes.js'

const write = (path: string, change: DiscardedWrite['change'] = 'created', size = 1): DiscardedWrite => ({
  path,
  change,
  size,
})

test.each<[DiscardedWrite[], string | undefined, string]>([
  [[write('/app/data.db', 'created', 12 * 1024)], '/app', 'wrote data.db (12 KiB)'],
  [[write('/app/data.db')], undefined, 'wrote /app/data.db (1 B)'],
  [[write('/app/up.txt')], '/app/packages/a', 'wrote ../../up.txt (1 B)'],
  [
    [write('/a'), write('/b'), write('/c', 'modified', 2), write('/d', 'deleted')],
    '/',
    'wrote a (1 B), b (1 B), changed c (2 B), deleted d',
  ],
  [
    ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => write(`/${name}`)),
    '/',
    'wrote a (1 B), b (1 B), c (1 B), d (1 B), e (1 B) and 2 more',
  ],
])('%j below %s: %s', (writes, root, text) => {
  expect(describeWrites(writes, root)).toBe(text)
})
