import type { TestedFile } from './file-report.js'

/** A file that passed, with two tests, but for what is said otherwise. */
export function fileOf(more: Partial<TestedFile> = {}): TestedFile {
  return {
    file: 'a.test.ts',
    state: 'passed',
    verdict: { kind: 'passed-through' },
    usage: { wall: 1200 },
    leaks: [],
    network: 'none',
    blocked: [],
    writes: { persisted: [], discarded: [] },
    tests: [
      { name: ['cart', 'adds'], state: 'passed', duration: 3 },
      { name: ['is fine'], state: 'passed', duration: 4 },
    ],
    ...more,
  }
}

export const failure = { test: 'cart > adds', message: 'expected 3' }
export const crash = { test: 'a.test.ts', message: 'Crash: SIGSEGV' }
export const owner = { owner: 'ada', reason: 'issue 12', expires: '2999-12-31' }

/** The two tests of `fileOf`, the first of them in another state. */
export function testsWith(state: 'failed' | 'skipped'): TestedFile['tests'] {
  const [adds, ...rest] = fileOf().tests
  return adds === undefined ? rest : [{ ...adds, state, message: 'expected 3' }, ...rest]
}
