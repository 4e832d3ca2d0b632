/** Limits, usage and clean-up on cgroup v2, through the public API: the same outcome for everyone who has a cgroup. */
import { describe, expect, test } from 'vitest'
import { ioIsLimitedAndCounted, leavesNothing, type Scenarios, scenariosAs } from './scenarios.js'

const MiB = 2 ** 20

const withCgroup = [
  'root',
  'a user with a delegated cgroup',
  'a user in a systemd scope',
  'a user in a systemd session',
] as const

describe.each(withCgroup)('as %s', (caller) => {
  const scenarios = scenariosAs(caller)

  test('what a command uses is measured', () => {
    const { ending, notices } = scenarios.of('measured')
    expect(ending).toMatchObject({ cause: { kind: 'exit' }, code: 0 })
    expect(notices).toEqual([])
    const { cpuUser = 0, memoryPeak = 0, pidsPeak, cpuThrottled, oomKills } = ending.usage
    expect(cpuUser).toBeGreaterThan(0)
    expect(memoryPeak).toBeGreaterThan(100_000)
    expect({ pidsPeak, cpuThrottled, oomKills }).toEqual({ pidsPeak: 3, cpuThrottled: 0, oomKills: 0 })
  })

  test.each(['memory of the command', 'memory of a child', 'memory of files'])('%s is capped', (name) => {
    const { ending, hits, stdout } = scenarios.of(name)
    expect(ending.cause).toEqual({ kind: 'memory' })
    expect(ending.hits.memory).toBeGreaterThan(0)
    expect(ending.usage.memoryPeak).toBeGreaterThan(14 * MiB)
    expect(ending.usage.memoryPeak).toBeLessThanOrEqual(16 * MiB)
    expect(hits).toEqual(['memory'])
    expect(stdout).toBe('')
  })

  test('memory below the limit is no hit', () => {
    const { ending, hits } = scenarios.of('memory to spare')
    expect(ending).toMatchObject({ cause: { kind: 'exit' }, code: 0, hits: { memory: 0 } })
    expect(ending.usage.memoryPeak).toBeGreaterThan(4 * MiB)
    expect(hits).toEqual([])
  })

  test('processes beyond the limit are refused and counted', () => {
    const { ending, hits } = scenarios.of('pids')
    expect(ending.cause).toEqual({ kind: 'exit' })
    expect(ending.hits.pids).toBeGreaterThan(0)
    expect(ending.usage.pidsPeak).toBe(6)
    expect(hits).toEqual(['pids'])
  })

  test('the clock runs out', () => {
    expect(scenarios.of('timeout').ending.cause).toEqual({ kind: 'timeout' })
  })

  test('the sandbox sees its own cgroup with its limits, and cannot write there', () => {
    expect(scenarios.of('its own cgroup').stdout).toBe(`0::/\n${64 * MiB}\n${'Read-only\n'.repeat(3)}`)
  })

  test('files that know of no cgroup tell of its limits, and of what is left of them', () => {
    const { stdout } = scenarios.of('told of its limits')
    const [nproc, online, ...meminfo] = stdout.split('\n')
    expect([nproc, online]).toEqual(['1', '1'])
    expect(meminfo[0]).toMatch(/^MemTotal: +65536 kB$/)
    const free = Number(/^MemAvailable: +(\d+) kB$/m.exec(stdout)?.[1])
    expect(free).toBeLessThan(65536 - 8192)
  })

  test('a quota of CPU time throttles', () => {
    const { ending } = scenarios.of('quota of CPU time')
    expect(ending.code).toBe(0)
    expect(ending.usage.cpuThrottled).toBeGreaterThan(0)
    expect(ending.usage.cpuThrottledPeriods).toBeGreaterThan(0)
  })

  test('a weight of CPU time is taken', () => {
    expect(scenarios.of('weight of CPU time').ending).toMatchObject({ cause: { kind: 'exit' }, code: 0 })
  })

  test('a cpuset that the kernel does not offer is refused, not dropped', () => {
    expect(scenarios.of('cpuset').error).toBe('GLOVEBOX_UNSUPPORTED_HOST')
    expect(scenarios.of('cpuset').message).toContain('cpuset')
  })

  test('an io limit that cannot be set is refused, not dropped', () => {
    expect(scenarios.of('io of a device that is not there').error).toMatch(/^GLOVEBOX_/)
  })

  test.runIf(caller === 'root')('io of a disk is limited and counted', () => ioIsLimitedAndCounted(scenarios))

  test.runIf(caller === 'root').each([
    ['clock set back', -24],
    ['clock set forward', 24],
  ])('%s by a day: who has time goes on, who has not is ended', (name, hours) => {
    expect(scenarios.of(name)).toMatchObject({
      hours,
      spared: { stdout: 'done\n', ending: { cause: { kind: 'exit' }, code: 0 } },
      ended: { kind: 'timeout' },
    })
    expect(scenarios.of(name).wall).toBeLessThan(3600_000)
  })

  stopsAndLeavesNothing(scenarios)
})

describe('as a user without delegation', () => {
  const scenarios = scenariosAs('a user without delegation')

  test.each(['memory of the command', 'memory of a child', 'memory of files'])(
    '%s is capped by sampling, and a notice says so',
    (name) => {
      const { ending, notices, hits, stdout } = scenarios.of(name)
      expect(ending.cause).toEqual({ kind: 'memory' })
      expect(ending.usage.memoryPeak).toBeGreaterThan(16 * MiB)
      expect(hits).toEqual(['memory'])
      expect(stdout).toBe('')
      expect(notices.join()).toMatch(/not delegated.*sampling/)
    },
  )

  test('memory below the limit is no hit', () => {
    expect(scenarios.of('memory to spare').ending).toMatchObject({ cause: { kind: 'exit' }, code: 0 })
  })

  test('processes beyond the limit are refused', () => {
    const { ending } = scenarios.of('pids')
    expect(ending).toMatchObject({ cause: { kind: 'exit' }, code: 2 }) // the shell could not fork, and gave up
  })

  test('the clock runs out', () => {
    expect(scenarios.of('timeout').ending.cause).toEqual({ kind: 'timeout' })
  })

  test('what only a cgroup measures is absent', () => {
    const { usage } = scenarios.of('measured').ending
    expect(usage).not.toHaveProperty('cpuThrottled')
    expect(usage).not.toHaveProperty('ioReadBytes')
    expect(usage.pidsPeak).toBe(3)
  })

  test.each(['quota of CPU time', 'weight of CPU time', 'cpuset', 'io of a device that is not there'])(
    '%s is refused with a remedy',
    (name) => {
      const { error, message } = scenarios.of(name)
      expect(error).toBe('GLOVEBOX_UNSUPPORTED_HOST')
      expect(message).toMatch(/cannot enforce limits\.\w+ .*\n {2}\S/)
    },
  )

  stopsAndLeavesNothing(scenarios)
})

function stopsAndLeavesNothing(scenarios: Scenarios): void {
  test('a paused sandbox stands still, and goes on', () => {
    expect(scenarios.of('pause and resume')).toEqual({
      whileFrozen: 0,
      cause: { kind: 'killed', detail: 'killed by request' },
    })
  })

  test('a kill reaches orphans in other sessions, even when all is frozen', () => {
    expect(scenarios.of('kill with orphans')).toMatchObject({
      left: 0,
      cause: { kind: 'killed', detail: 'enough' },
    })
  })

  test.each([
    'supervisor killed',
    'supervisor killed while all is frozen',
    'keeper killed',
    'keeper killed while all is frozen',
    'relay killed',
  ])('nothing stays: %s', (name) => {
    expect(scenarios.of(name)).toMatchObject({ cause: { kind: 'supervisor-died' } })
  })

  leavesNothing(scenarios)
}
