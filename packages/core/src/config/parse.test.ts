import { expect, test } from 'vitest'
import { parseOptions } from './parse.js'

function messageOf(raw: unknown): string {
  try {
    parseOptions(raw, 'vitest.config.ts')
  } catch (error) {
    expect(error).toMatchObject({ code: 'GLOVEBOX_CONFIG' })
    return (error as Error).message
  }
  throw new Error('the options were accepted')
}

test('no options are all defaults', () => {
  const defaults = {
    onUnsupported: 'error',
    worker: 'auto',
    preload: [],
    overrides: [],
    report: { table: 'auto', github: 'auto' },
    flaky: { retries: 0, policy: 'fail' },
  }
  expect(parseOptions(undefined, 'x')).toEqual(defaults)
  expect(parseOptions({}, 'x')).toEqual(defaults)
})

test('units become numbers', () => {
  const options = parseOptions(
    {
      limits: {
        memory: '256MiB',
        cpus: '0.5',
        cpuPeriod: '50ms',
        timeout: '30s',
        pids: '64',
        cpuset: 1,
        coreSize: 0,
      },
      time: { monotonic: '1h' },
      umask: '022',
    },
    'x',
  )
  expect(options.limits).toEqual({
    memory: 256 * 2 ** 20,
    cpus: 0.5,
    cpuPeriod: 50_000,
    timeout: 30_000,
    pids: 64,
    cpuset: '1',
    coreSize: 0,
  })
  expect(options.time).toEqual({ monotonic: 3600 })
  expect(options.umask).toBe(0o022)
})

test('short spellings become the long ones', () => {
  const options = parseOptions(
    {
      env: 'clean',
      report: 'full',
      overrides: [{ files: '**/*.slow.test.ts', env: { set: ['TZ=UTC', 'A=b=c'] } }],
      limits: { memory: 'none', io: ['8:0 readBps=1MiB writeIops=100'], hugetlb: ['2MB=4MiB'] },
    },
    'x',
  )
  expect(options).toMatchObject({
    env: { base: 'clean' },
    report: { table: 'full' },
    overrides: [{ files: ['**/*.slow.test.ts'], env: { set: { TZ: 'UTC', A: 'b=c' } } }],
    limits: {
      memory: 'none',
      io: [{ device: '8:0', readBps: 2 ** 20, writeIops: 100 }],
      hugetlb: { '2MB': 4 * 2 ** 20 },
    },
  })
})

test.each<[raw: unknown, part: string]>([
  [
    { limits: { memory: '12 parsecs' } },
    "limits.memory: '12 parsecs' is not a size such as 256MiB or 1.5GiB",
  ],
  [{ flaky: { retries: 1.5 } }, 'flaky.retries: 1.5 is not a whole number'],
  [{ flaky: { retries: 11 } }, 'flaky.retries: 11 must be at most 10'],
  [{ limits: { memory: 0 } }, 'limits.memory: 0 must be more than 0'],
  [{ limits: { memory: '-1MiB' } }, "limits.memory: '-1MiB' must be more than 0"],
  [{ limits: { memory: true } }, 'limits.memory: true is not a size'],
  [{ limits: { swap: -1 } }, 'limits.swap: -1 must be at least 0'],
  [{ limits: { pids: 0 } }, 'limits.pids: 0 must be more than 0'],
  [{ limits: { pids: 1.5 } }, 'limits.pids: 1.5 is not a whole number'],
  [{ limits: { cpus: 0 } }, 'limits.cpus: 0 must be at least 0.01'],
  [{ limits: { cpuPeriod: '2s' } }, "limits.cpuPeriod: '2s' must be at most 1000"],
  [{ limits: { cpuWeight: 20000 } }, 'limits.cpuWeight: 20000 must be at most 10000'],
  [{ limits: { cpuset: 'all' } }, "limits.cpuset: 'all' is not a list of CPUs such as 0-1,3"],
  [{ limits: { timeout: '0s' } }, "limits.timeout: '0s' must be more than 0"],
  [{ limits: { timeout: 'soon' } }, "limits.timeout: 'soon' is not a duration such as 30s or 5m"],
  [{ limits: { disk: 0 } }, 'limits.disk: 0 must be more than 0'],
  [{ limits: { openFiles: -5 } }, 'limits.openFiles: -5 must be more than 0'],
  [
    { limits: { io: ['sda readBps=1'] } },
    "limits.io[0].device: 'sda readBps=1' is not a block device as MAJ:MIN",
  ],
  [{ limits: { io: ['8:0'] } }, "limits.io[0]: '8:0' needs at least one of readBps"],
  [{ limits: { io: ['8:0 readBps=x'] } }, "limits.io[0].readBps: '8:0 readBps=x' is not a size"],
  [{ limits: { hugetlb: { huge: 1 } } }, 'limits.hugetlb.huge: 1 is not a size of huge pages such as 2MB'],
  [{ limits: 5 }, 'limits: 5 is not of type object'],
  [{ network: 'bridge' }, "network: 'bridge' is not one of none, host"],
  [{ hostname: 'no spaces' }, "hostname: 'no spaces' is not a host name"],
  [{ umask: '999' }, "umask: '999' is not a file-mode mask"],
  [{ time: { monotonic: 1500 } }, 'time.monotonic: 1500 is not a duration such as 1h'],
  [{ time: { boottime: '-1h' } }, "time.boottime: '-1h' must be at least 0"],
  [{ filesystem: { hide: '~/.x' } }, "filesystem.hide: '~/.x' is not a list"],
  [{ filesystem: { hide: [''] } }, "filesystem.hide[0]: '' must not be empty"],
  [{ env: { set: ['A'] } }, "env.set[0]: 'A' is not an assignment such as TZ=UTC"],
  [{ env: 'none' }, "env: 'none' is not"],
  [{ report: { table: 'x' } }, "report.table: 'x' is not one of auto, full, off"],
  [{ onUnsupported: 'ignore' }, "onUnsupported: 'ignore' is not one of error, warn"],
  [{ overrides: [{ limits: {} }] }, 'overrides[0].files: undefined is not a glob or a list of globs'],
  [{ overrides: [{ files: [] }] }, 'overrides[0].files: [] must not be empty'],
  [{ overrides: [{ files: 'a', overrides: [] }] }, 'overrides[0].overrides: unknown option'],
  [5, 'options: 5 is not of type object'],
])('%j is refused, naming key and value', (raw, part) => {
  expect(messageOf(raw)).toContain(`vitest.config.ts: ${part}`)
})

test.each<[raw: unknown, part: string]>([
  [{ networkk: 'host' }, 'networkk: unknown option; did you mean "network"?'],
  [{ limits: { memroy: 1 } }, 'limits.memroy: unknown option; did you mean "memory"?'],
  [{ memory: 1 }, 'memory: unknown option; did you mean "limits.memory"?'],
  [{ timeout: 1 }, 'timeout: unknown option; did you mean "limits.timeout"?'],
  [{ persists: [] }, 'persists: unknown option; did you mean "filesystem.persist"?'],
  [{ env: { sett: {} } }, 'env.sett: unknown option; did you mean "set"?'],
  [{ report: { tabel: 'full' } }, 'report.tabel: unknown option; did you mean "table"?'],
  [
    { overrides: [{ files: 'a', limits: { pid: 1 } }] },
    'overrides[0].limits.pid: unknown option; did you mean "pids"?',
  ],
  [{ filesystem: { qqqqqq: 1 } }, 'valid: project, persist, strictWrites, hide, writable, readonly'],
])('%j gets the nearest valid key', (raw, part) => {
  expect(messageOf(raw)).toContain(part)
})

test('all problems are listed at once, with where the options are described', () => {
  expect(messageOf({ limits: { memory: 0, pids: 'x' }, nope: 1 }).split('\n')).toEqual([
    'vitest.config.ts: 3 problems',
    '  limits.memory: 0 must be more than 0',
    "  limits.pids: 'x' is not a whole number, or none",
    expect.stringContaining('nope: unknown option'),
    '  Every option, with its values: docs/reference.md',
  ])
})
