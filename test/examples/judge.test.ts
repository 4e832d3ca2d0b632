import { expect, test } from 'vitest'
import { collisions, independent, judgeLimits, judgeSuite, verdicts } from '../../examples/demo/judge.js'

interface File {
  file: string
  state: string
  verdict?: string
}

const suite = [...collisions.flatMap(({ files }) => files), ...independent]
const sandboxed = { files: suite.map((file): File => ({ file, state: 'passed' })), unhandled: [], code: 0 }
const plain = {
  files: suite.map((file): File => ({ file, state: independent.includes(file) ? 'passed' : 'failed' })),
  unhandled: [],
  code: 1,
}
const limits = {
  files: verdicts.map(({ file, verdict }): File => ({ file, state: 'failed', verdict })),
  unhandled: [],
  code: 1,
}

test('collisions without Glovebox, none with it: as described', () => {
  expect(judgeSuite(plain, sandboxed)).toEqual([])
})

test('one failing file of each group is enough of a collision', () => {
  const firsts = collisions.map(({ files }) => files[0])
  const files = plain.files.map(({ file }) => ({ file, state: firsts.includes(file) ? 'failed' : 'passed' }))
  expect(judgeSuite({ ...plain, files }, sandboxed)).toEqual([])
})

test('files that do not collide under plain Vitest are a problem', () => {
  const [first] = collisions
  const files = plain.files.map((entry) =>
    first?.files.includes(entry.file) ? { ...entry, state: 'passed' } : entry,
  )
  expect(judgeSuite({ ...plain, files }, sandboxed)).toEqual([
    `${first?.files.join(' and ')} should collide under plain Vitest, but none failed`,
  ])
})

test('a file that fails under Glovebox, or is not run there, is a problem', () => {
  const [, ...rest] = sandboxed.files
  const files = rest.map((entry) => (entry.file === 'store.test.js' ? { ...entry, state: 'failed' } : entry))
  expect(judgeSuite(plain, { ...sandboxed, files, code: 1 })).toEqual([
    `Glovebox: ${suite[0]} was not run`,
    'store.test.js should pass under Glovebox: undefined',
    'Vitest with Glovebox should end with 0, not 1',
  ])
})

test('each limit file with its verdict: as described', () => {
  expect(judgeLimits(limits)).toEqual([])
})

test('another verdict, or none, is a problem', () => {
  const files = limits.files.map((entry) =>
    entry.file === 'disk.test.js' ? { ...entry, verdict: 'killed' } : entry,
  )
  expect(judgeLimits({ ...limits, files })).toEqual([
    'disk.test.js should get the verdict disk-limit, not killed',
  ])
})

test('a limit file that passes is a problem, and so is a run that ends with 0', () => {
  const files = limits.files.map((entry) =>
    entry.file === 'exit.test.js' ? { ...entry, state: 'passed' } : entry,
  )
  expect(judgeLimits({ ...limits, files, code: 0 })).toEqual([
    'exit.test.js should fail, but it passed',
    'Vitest should end with an error when files hit their limits',
  ])
})
