import { describe, expect, test } from 'vitest'
import type { FileReport } from './file-report.js'
import { textReport } from './text.js'

function fileOf(file: string, more: Partial<FileReport> = {}): FileReport {
  return {
    file,
    state: 'passed',
    verdict: { kind: 'passed-through' },
    usage: { wall: 800, cpuUser: 500_000, cpuSystem: 100_000, memoryPeak: 80 * 2 ** 20, pidsPeak: 11 },
    leaks: [],
    network: 'none',
    blocked: [],
    writes: { persisted: [], discarded: [] },
    ...more,
  }
}

const ordinary = [fileOf('a.test.ts'), fileOf('b.test.ts'), fileOf('c.test.ts')]

describe('auto', () => {
  test('says nothing when there is nothing to say', () => {
    expect(textReport(ordinary, 'auto')).toBe('')
    expect(textReport([], 'auto')).toBe('')
  })

  test('lists a file that hit a limit, with what it used', () => {
    const verdict = { kind: 'memory-limit', limit: 2 ** 28, peak: 2 ** 28, kills: 1 } as const
    const usage = { wall: 12_345, memoryPeak: 2 ** 28 }
    const text = textReport([...ordinary, fileOf('hog.test.ts', { verdict, usage, state: 'failed' })], 'auto')
    expect(text).toMatch(/hog\.test\.ts .* 12\.3s .* - .* 256 MiB .* - .* memory limit/)
    expect(text).not.toContain('a.test.ts')
  })

  test('lists a file that leaks, and what it left behind', () => {
    const leaks = [
      { kind: 'process', pid: 7, command: 'sleep 1000' },
      { kind: 'listener', address: 'tcp 127.0.0.1:3000' },
    ] as const
    const text = textReport([...ordinary, fileOf('leaky.test.ts', { leaks, project: 'api' })], 'auto')
    expect(text).toContain('2 leaks')
    expect(text).toContain('api leaky.test.ts left behind process 7 (sleep 1000)')
    expect(text).toContain('a listener on tcp 127.0.0.1:3000')
  })

  test('lists the slowest and the hungriest only if they stand out', () => {
    const files = [
      ...ordinary,
      fileOf('slow.test.ts', { usage: { wall: 30_000 } }),
      fileOf('hungry.test.ts', { usage: { memoryPeak: 2 ** 30 } }),
    ]
    expect(textReport(files, 'auto')).toMatch(/slow\.test\.ts .* slowest/)
    expect(textReport(files, 'auto')).toMatch(/hungry\.test\.ts .* hungriest/)
    const alike = [1, 2, 3].map((n) => fileOf(`${n}.test.ts`, { usage: { wall: 30_000 } }))
    expect(textReport(alike, 'auto')).toBe('')
  })

  test('lists a file that its cpu limit held back', () => {
    const usage = { cpuPeriods: 100, cpuThrottledPeriods: 80, cpuThrottled: 1 }
    expect(textReport([...ordinary, fileOf('busy.test.ts', { usage })], 'auto')).toContain('throttled')
  })
})

describe('full', () => {
  test('lists every file, the slowest first', () => {
    const text = textReport([fileOf('quick.test.ts', { usage: { wall: 20 } }), ...ordinary], 'full')
    expect(text.indexOf('a.test.ts')).toBeGreaterThan(0)
    expect(text.indexOf('quick.test.ts')).toBeGreaterThan(text.indexOf('c.test.ts'))
  })

  test('names writes to the project that were lost', () => {
    const discarded = [{ path: '/app/data.db', change: 'created', size: 12 * 1024 }] as const
    const writes = { persisted: [], discarded }
    expect(textReport([fileOf('a.test.ts', { writes })], 'full', '/app')).toContain(
      '\n a.test.ts wrote data.db (12 KiB): discarded',
    )
  })
})

test('off says nothing at all', () => {
  expect(textReport([fileOf('a.test.ts', { verdict: { kind: 'exited', code: 1 } })], 'off')).toBe('')
})

test('names what a file tried on the network in vain', () => {
  const blocked = [
    { kind: 'name', host: 'api.example.com', port: 443, test: 'card > charges' },
    { kind: 'unreachable', host: 'db', port: 5432 },
  ] as const
  const text = textReport([...ordinary, fileOf('pay.test.ts', { blocked })], 'auto')
  expect(text).toContain('blocked network')
  expect(text).toContain(' pay.test.ts > card > charges tried api.example.com:443')
  expect(text).not.toContain('db:5432')
  const failed = textReport([fileOf('pay.test.ts', { blocked, state: 'failed' })], 'auto')
  expect(failed).toContain(' pay.test.ts tried db:5432, which does not answer')
})

test('names the files that share the host’s network; where all do, once', () => {
  const shared = fileOf('e2e.test.ts', { network: 'host' })
  expect(textReport([...ordinary, shared], 'auto')).toMatch(/e2e\.test\.ts.*host network/)
  expect(textReport([shared], 'auto')).toMatch(/e2e\.test\.ts.*host network/)
  const all = textReport([shared, fileOf('api.test.ts', { network: 'host' })], 'auto')
  expect(all).toContain('Every file shares the host’s network.')
  expect(all).not.toContain('e2e.test.ts')
})

test('a file that is flaky is always named, with what failed', () => {
  const flaky = { runs: 2, failures: [{ test: 'adds', message: 'expected 1' }] }
  const text = textReport([...ordinary, fileOf('coin.test.ts', { flaky })], 'auto')
  expect(text).toMatch(/coin\.test\.ts .* flaky/)
  expect(text).toContain(
    ' coin.test.ts is flaky: it failed in 1 of 2 runs, each in a fresh sandbox (adds: expected 1)',
  )
})

test('what failed only together with others is told apart from what fails alone, too', () => {
  const failures = [{ test: 'adds', message: 'expected 1' }]
  const told = (beside: string[], runs = 2) =>
    textReport([fileOf('coin.test.ts', { flaky: { runs, failures, beside } })], 'auto')
  expect(told(['a.test.ts', 'b.test.ts'])).toContain(
    '(adds: expected 1). It failed only together with a.test.ts, b.test.ts; alone it passed.',
  )
  expect(told(['1', '2', '3', '4', '5', '6', '7'])).toContain('with 1, 2, 3, 4, 5, 2 more; alone')
  expect(told(['a.test.ts'], 3)).toContain('It failed together with a.test.ts, and alone, too.')
  expect(told([])).toContain('It failed alone, too.')
  const retried = { runs: 3, failures, beside: ['a.test.ts'] }
  expect(textReport([fileOf('broken.test.ts', { retried })], 'auto')).toMatch(
    /broken\.test\.ts .* fails alone, too/,
  )
})
