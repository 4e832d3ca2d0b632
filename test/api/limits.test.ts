/** Each limit that is hit ends, or restrains, the sandbox that hit it, and is told. */
import { describe, expect, test } from 'vitest'
import { requires } from '../harness/requires.js'
import { roles, run } from './program.js'

const MiB = 2 ** 20
const hog = 'const keep = []; for (;;) keep.push(Buffer.alloc(8 << 20, 1))'

describe.each(roles)('as %s', (role) => {
  requires(role)

  test('memory taken by the command itself', async () => {
    const { ending, hits } = await run(role, {
      command: [process.execPath, '-e', hog],
      profile: { limits: { memory: 100 * MiB } },
    })
    expect(ending.cause).toEqual({ kind: 'memory' })
    expect(ending.usage.memoryPeak).toBeGreaterThan(50 * MiB)
    expect(hits).toEqual(['memory'])
  })

  test('memory taken by a child ends the whole sandbox, even if the command would go on', async () => {
    const { ending, stdout } = await run(role, {
      command: ['sh', '-c', '"$1" -e "$2"; sleep 20; echo survived', 'sh', process.execPath, hog],
      profile: { limits: { memory: 100 * MiB } },
    })
    expect(ending.cause).toEqual({ kind: 'memory' })
    expect(stdout).toBe('')
  })

  test('less memory than the limit is no hit', async () => {
    const { ending, hits } = await run(role, {
      command: [process.execPath, '-e', 'Buffer.alloc(64 << 20, 1)'],
      profile: { limits: { memory: 256 * MiB } },
    })
    expect(ending).toMatchObject({ cause: { kind: 'exit' }, code: 0, hits: { memory: 0 } })
    expect(hits).toEqual([])
  })

  test('processes beyond the limit are refused and counted', async () => {
    const { ending, stderr, notices } = await run(role, {
      command: ['sh', '-c', 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 5 & done; exit 4'],
      profile: { limits: { pids: 6 } },
    })
    expect(stderr).toMatch(/fork|resource/i)
    expect(ending.cause).toEqual({ kind: 'exit' })
    // Without a cgroup the kernel refuses as well (RLIMIT_NPROC), but counts nothing.
    if (notices.length === 0) expect(ending.hits.pids).toBeGreaterThan(0)
  })

  test('time is up for an endless loop that never yields', async () => {
    const { ending, hits } = await run(role, {
      command: [process.execPath, '-e', 'for (;;);'],
      profile: { limits: { timeout: 500 } },
    })
    expect(ending.cause).toEqual({ kind: 'timeout' })
    expect(ending.usage.wall).toBeGreaterThanOrEqual(500)
    expect(hits).toEqual(['timeout'])
  })

  test('a full private file system is told', async () => {
    const { ending, stdout } = await run(role, {
      command: ['sh', '-c', 'head -c 100M /dev/zero > /tmp/full; echo $?'],
      profile: { limits: { disk: 8 * MiB } },
    })
    expect(stdout).toBe('1\n')
    expect(ending.hits.disk).toBe(true)
    expect(ending.usage.diskBytes).toBeGreaterThan(7 * MiB)
  })

  test('options are a policy as well as a profile is', async () => {
    const { ending, stdout } = await run(role, {
      command: ['sh', '-c', 'hostname; ls "$TMPDIR"; while :; do :; done'],
      options: { limits: { timeout: '500ms' }, hostname: 'inner', filesystem: { project: 'readonly' } },
      cwd: '/',
    })
    expect(stdout).toBe('inner\n')
    expect(ending.cause).toEqual({ kind: 'timeout' })
  })

  test('open files and file sizes are capped', async () => {
    const { stdout } = await run(role, {
      command: ['sh', '-c', 'ulimit -n; ulimit -c; ulimit -s'],
      profile: { limits: { openFiles: 99, coreSize: 0, stackSize: 4 * MiB } },
    })
    expect(stdout).toBe('99\n0\n4096\n')
  })
})

describe('as root', () => {
  requires('root')

  test('a quota of CPU time throttles', async () => {
    const { ending } = await run('root', {
      command: ['sh', '-c', 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'],
      profile: { limits: { cpus: 0.2 } },
    })
    expect(ending.code).toBe(0)
    expect(ending.usage.cpuThrottled).toBeGreaterThan(0)
    expect(ending.usage.cpuThrottledPeriods).toBeGreaterThan(0)
  })
})
