import { expect, test } from 'vitest'
import { parseTap } from '../../native/test/tap.mjs'

test('a TAP reader that missed failures would hide them', () => {
  const text =
    'ok 1 - a - b\n# file.c:1: not true: x\n# exit status 1\nnot ok 2 - c\nok 3 - d # SKIP no disk\n1..3\n'
  expect([...parseTap(text).values()]).toEqual([
    { title: 'a - b', passed: true, skipped: undefined, notes: '' },
    { title: 'c', passed: false, skipped: undefined, notes: '# file.c:1: not true: x\n# exit status 1' },
    { title: 'd', passed: true, skipped: 'no disk', notes: '' },
  ])
})
