/** Limits of `glovebox run`: enforced, measured, and explained in one sentence. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createFixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import type { Role } from '../harness/users.js'
import { cli, glovebox, usageOf } from './cli.js'

const MiB = 2 ** 20

/** `MAJ:MIN` of the first whole disk. */
function blockDevice(): string {
  const [first] = readdirSync('/sys/block')
  return readFileSync(`/sys/block/${first}/dev`, 'utf8').trim()
}
const node = (code: string): string[] => [process.execPath, '-e', code]
const hog = node('const kept = []; for (;;) kept.push(Buffer.alloc(1 << 20, 1))')
const forks = (count: number): string[] => [
  'sh',
  '-c',
  `i=0; while [ $i -lt ${count} ]; do sleep 2 & i=$((i+1)); done; wait`,
]

describe.each<Role>(['root', 'user'])('as %s', (as) => {
  requires(as)

  test('a memory hog is killed, and a sentence names limit, peak and flag', async () => {
    const result = await glovebox('--memory 96MiB --usage=json', hog, { as })
    expect(result.status).toBe(137)
    expect(result.stderr).toMatch(
      /glovebox: \S+node was killed at its memory limit of 96 MiB \(peak [\d.]+ MiB\); raise it with --memory 192MiB/,
    )
    const { cause, usage, limits } = usageOf(result)
    expect(cause).toBe('memory')
    expect(limits.memory).toBe(96 * MiB)
    expect(usage.memoryPeak).toBeGreaterThan(48 * MiB)
  })

  test('the same command ends well with enough memory', async () => {
    const modest = node('Buffer.alloc(64 << 20, 1)')
    expect(await glovebox('--memory 512MiB', modest, { as })).toMatchObject({
      status: 0,
      stderr: expect.not.stringContaining('killed'),
    })
  })

  test('more processes than allowed are refused, and a sentence says so', async () => {
    const { status, stderr } = await glovebox('--pids 10', forks(40), { as })
    expect(status).not.toBe(0)
    expect(stderr).toMatch(/at its limit of 10|Resource temporarily unavailable|Cannot fork/)
    expect(await glovebox('--pids 60', forks(40), { as })).toMatchObject({ status: 0 })
  })

  test('a command that does not end is killed at its timeout, with status 124', async () => {
    const { status, stderr } = await glovebox('--timeout 300ms', node('for (;;) {}'), { as })
    expect(status).toBe(124)
    expect(stderr).toMatch(
      /glovebox: \S+node was killed at its timeout of 300ms; raise it with --timeout 600ms\n/,
    )
  })

  test('private file systems hold what --disk says and no more', async () => {
    const write = (mebibytes: number): string[] => [
      'sh',
      '-c',
      `head -c ${mebibytes * MiB} /dev/zero > /tmp/file`,
    ]
    expect(await glovebox('--disk 16MiB', write(8), { as })).toMatchObject({ status: 0 })
    const { status, stderr } = await glovebox('--disk 16MiB', write(32), { as })
    expect(status).not.toBe(0)
    expect(stderr).toMatch(/No space left on device/)
    expect(stderr).toMatch(/filled its private file systems \(16 MiB\); raise the limit with --disk 32MiB/)
  })

  test('rlimits of open files, file size, core and stack are set', async () => {
    const flags = '--open-files 77 --file-size 1MiB --core-size 0 --stack-size 4MiB'
    const { stdout } = await glovebox(flags, ['sh', '-c', 'ulimit -Hn; ulimit -Hf; ulimit -Hc; ulimit -Hs'], {
      as,
    })
    expect(stdout).toBe('77\n2048\n0\n4096\n')
  })

  test('--usage as text has the resources, --usage=json their units', async () => {
    const busy = node('while (process.cpuUsage().user < 200000);')
    expect((await glovebox('--usage', busy, { as })).stderr).toMatch(
      /^ {2}wall +\d[\s\S]*^ {2}cpu +[\d.]+ s user/m,
    )
    const { status, cause, usage } = usageOf(await glovebox('--usage=json', busy, { as }))
    expect({ status, cause }).toEqual({ status: 0, cause: 'exit' })
    expect(usage.cpuUser).toBeGreaterThan(150_000)
    expect(usage.wall).toBeGreaterThan(100)
  })
})

test.each(['text', 'json'])('--usage-file gets the usage as %s, stderr none', async (format) => {
  const as = process.getuid?.() === 0 ? 'root' : 'user'
  await using fixture = await createFixture({ as })
  const flags = `--usage=${format} --usage-file ${fixture.path('usage')}`
  expect(await glovebox(flags, ['true'], { as })).toMatchObject({ status: 0, stderr: '' })
  expect(await fixture.read('usage')).toMatch(format === 'json' ? /^\{"status":0/ : /^ {2}wall/)
})

describe('with cgroups', () => {
  requires('root', 'cgroup1')

  test('a tenth of a CPU is measured as throttled', async () => {
    const busy = node('while (process.cpuUsage().user < 300000);')
    const { usage } = usageOf(await glovebox('--cpus 0.1 --usage=json', busy))
    expect(usage.cpuThrottledPeriods).toBeGreaterThan(2)
    expect(usage.cpuThrottled).toBeGreaterThan(100_000)
    const cpu = ((usage.cpuUser ?? 0) + (usage.cpuSystem ?? 0)) / 1000
    expect(cpu / (usage.wall ?? 0)).toBeLessThan(0.3)
    const free = usageOf(await glovebox('--usage=json', busy)).usage
    expect(free.cpuThrottledPeriods ?? 0).toBe(0)
  })

  test('--io caps a block device', async () => {
    const device = blockDevice()
    const flags = ['--io', `${device} writeBps=1MiB readIops=1000`, '--usage=json']
    const { limits } = usageOf(await cli(['run', ...flags, '--', 'true']))
    expect(limits.io).toEqual([{ device, writeBps: MiB, readIops: 1000 }])
  })

  test('--cpuset leaves the CPUs it names', async () => {
    const { stdout } = await glovebox('--cpuset 0', ['grep', 'Cpus_allowed_list', '/proc/self/status'])
    expect(stdout).toMatch(/:\s*0\n/)
  })

  test('refused forks are counted and named', async () => {
    const result = await glovebox('--pids 10 --usage=json', forks(40))
    expect(result.stderr).toMatch(
      /was refused \d+ new processes at its limit of 10, peak 10; raise it with --pids 20/,
    )
    expect(usageOf(result).hits.pids).toBeGreaterThan(0)
  })
})

describe('an ordinary user on cgroup v1, who can write none', () => {
  requires('root', 'user', 'cgroup1')

  test('a cpu limit is an error that names the remedy', async () => {
    const { status, stderr, stdout } = await glovebox('--cpus 0.5', ['echo', 'ran'], { as: 'user' })
    expect(status).toBe(125)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/glovebox: This host cannot enforce --cpus \(cpu controller\)/)
    expect(stderr).toMatch(/cgroup\.procs|systemd-run|docker run/)
  })

  test('--on-unsupported warn runs without it and says so', async () => {
    const { status, stderr, stdout } = await glovebox('--cpus 0.5 --on-unsupported warn', ['echo', 'ran'], {
      as: 'user',
    })
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'ran\n' })
    expect(stderr).toMatch(/glovebox: --cpus is not enforced: no cpu controller/)
  })
})
