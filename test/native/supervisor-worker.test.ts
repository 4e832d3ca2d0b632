/** What a worker gets, and what is told of its end. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requires } from '../harness/requires.js'
import type { Role } from '../harness/users.js'
import { buildSupervisor, type Flavour, SupervisorDriver } from './supervisor-driver.js'

const ready = requires('root', 'user', 'cc')

describe.for<[Role, Flavour]>([
  ['root', 'plain'],
  ['user', 'plain'],
  ['root', 'sanitized'],
  ['user', 'sanitized'],
])('as %s, %s', ([role, flavour]) => {
  let driver: SupervisorDriver
  beforeAll(async () => {
    if (!ready) return
    buildSupervisor(flavour)
    driver = await SupervisorDriver.launch(role, flavour)
  })
  afterAll(() => driver?.close())

  test('hello says who it is', () => {
    expect(driver.hello?.type).toBe('reply')
    expect(driver.hello?.get('privileged')).toBe(role === 'root' ? '1' : '0')
  })

  test.for([0, 1, 42, 255])('exit code %i is told as it is', async (code) => {
    const { exit } = await driver.run(`exit ${code}`)
    expect([exit?.get('cause'), exit?.get('code'), exit?.get('signal')]).toEqual([
      'exit',
      String(code),
      undefined,
    ])
  })

  test.for([
    ['SIGHUP', 1],
    ['SIGINT', 2],
    ['SIGKILL', 9],
    ['SIGSEGV', 11],
    ['SIGPIPE', 13],
    ['SIGTERM', 15],
  ] as const)('a worker that sends itself %s dies of it', async ([signal, number]) => {
    const { exit } = await driver.run(`kill -${signal} $$; sleep 60`)
    expect([exit?.get('cause'), exit?.get('code'), exit?.get('signal')]).toEqual([
      'exit',
      undefined,
      String(number),
    ])
  })

  test('it has the environment, directory and file mode mask of the request, and nothing else', async () => {
    const { stdout } = await driver.run(
      ['/bin/sh', '-c', 'env | sort; pwd; umask; ls /proc/self/fd | wc -l'],
      {
        start: [
          ['env', 'A=1'],
          ['env', 'B=two words=yes'],
          ['cwd', '/usr'],
          ['umask', '027'],
        ],
      },
    )
    const expected = ['A=1', 'B=two words=yes', 'PWD=/usr', '/usr', '0027', '4'] // 0, 1, 2, and the listed directory
    expect(stdout.trim().split('\n')).toEqual(expected)
  })

  test('it runs without capabilities beyond files, without new privileges, and filtered', async () => {
    const { stdout } = await driver.run('grep -E "^(Cap(Eff|Bnd|Prm)|NoNewPrivs|Seccomp):" /proc/self/status')
    const capabilities = role === 'root' ? '00000000000000db' : '0000000000000000'
    expect(
      Object.fromEntries(
        stdout
          .trim()
          .split('\n')
          .map((line) => line.split(':\t')),
      ),
    ).toEqual({
      CapEff: capabilities,
      CapPrm: capabilities,
      CapBnd: capabilities,
      NoNewPrivs: '1',
      Seccomp: '2',
    })
  })

  test.for([
    'unshare --user true',
    'unshare --mount true',
    'mount -t tmpfs none /tmp',
    'umount /tmp',
    'chroot / true',
    'hostname other',
    'nsenter --target 1 --mount true',
    'date --set 2030-01-01',
  ])('`%s` is refused', async (command) => {
    expect((await driver.run(`PATH=$PATH:/usr/sbin; ${command}`)).exit?.get('code')).not.toBe('0')
  })

  test('rlimits are those of the request', async () => {
    const { stdout } = await driver.run('ulimit -n; ulimit -f; ulimit -c; ulimit -s', {
      more: [
        ['rlimit.nofile', 100],
        ['rlimit.fsize', 1 << 20],
        ['rlimit.core', 0],
        ['rlimit.stack', 2 << 20],
      ],
    })
    expect(stdout).toBe('100\n1024\n0\n2048\n')
  })

  test('a limit of processes that came after the sandbox holds for its worker, with and without a cgroup', async () => {
    const sandbox = driver.name()
    const byCgroup = driver.hello?.get('controllers')?.split(',').includes('pids')
    await driver.create(sandbox, { more: [['limit.pids', 100]] })
    expect(
      (
        await driver.request('limits', [
          ['sandbox', sandbox],
          ['limit.pids', 5],
        ])
      ).type,
    ).toBe('reply')
    await driver.start(sandbox, [
      '/bin/bash',
      '-c',
      'ulimit -u; for i in 1 2 3 4 5 6 7 8; do sleep 1 & done; wait',
    ])
    const exit = await driver.event(sandbox)
    expect(Number(exit.get('hit.pids'))).toBeGreaterThan(0)
    expect(Number(exit.get('usage.pids.peak'))).toBeLessThanOrEqual(5)
    const stdout = await driver.stream(sandbox, 'stdout')
    if (byCgroup) expect(stdout).not.toBe('6\n')
    else expect(stdout).toBe('6\n') // the init is one of them
    await driver.request('destroy', [['sandbox', sandbox]])
  })

  test.for([
    ['a missing file', ['/nowhere/x'], {}, 'execute', '2', '/nowhere/x'],
    ['a missing command', ['no-such-command'], {}, 'execute', '2', 'no-such-command'],
    ['a file without permission', ['/etc/passwd'], {}, 'execute', '13', '/etc/passwd'],
    ['a missing directory', ['/bin/true'], { start: [['cwd', '/nowhere']] }, 'chdir', '2', '/nowhere'],
  ] as const)('%s is told with stage, errno and path', async ([, command, options, stage, errno, path]) => {
    const { started, exit } = await driver.run(command, options)
    const facts = [started?.type, started?.get('stage'), started?.get('errno'), started?.get('path')]
    expect(facts).toEqual(['error', stage, errno, path])
    expect([exit?.get('cause'), exit?.get('stage'), exit?.get('errno')]).toEqual([
      'exec-failed',
      stage,
      errno,
    ])
  })

  test('a request of hundreds of kilobytes arrives whole', async () => {
    const { stdout } = await driver.run('printenv A | wc -c; printenv V4999 | wc -c', {
      start: [
        ['env', `A=${'x'.repeat(100_000)}`],
        ...Array.from({ length: 5000 }, (_, i) => ['env', `V${i}=${'y'.repeat(100)}`] as const),
      ],
    })
    expect(stdout).toBe('100001\n101\n')
  })

  test('what it leaves behind is told, what was just ending is not', async () => {
    const leaving = await driver.run('sleep 301 & (setsid sleep 302 &); exit 5')
    const commands = leaving.exit?.records.filter(([key]) => key === 'leak.command').map(([, value]) => value)
    expect(commands?.sort()).toEqual(['sleep 301', 'sleep 302'])
    expect(leaving.exit?.get('code')).toBe('5')
    expect((await driver.run('sleep 0.01 & exit 0')).exit?.get('leak')).toBeUndefined()
  })

  test('a paused sandbox stands still, and can be killed', async () => {
    const sandbox = driver.name()
    await driver.create(sandbox)
    await driver.start(sandbox, ['/bin/sh', '-c', 'sleep 303 & while :; do :; done'])
    expect((await driver.request('pause', [['sandbox', sandbox]])).type).toBe('reply')
    expect(
      (
        await driver.request('kill', [
          ['sandbox', sandbox],
          ['cause', 'enough'],
        ])
      ).type,
    ).toBe('reply')
    const exit = await driver.event(sandbox)
    expect([exit.get('cause'), exit.get('cause.detail'), exit.get('code')]).toEqual([
      'killed',
      'enough',
      undefined,
    ])
    expect((await driver.request('destroy', [['sandbox', sandbox]])).type).toBe('reply')
  })

  test('signals reach the worker', async () => {
    const sandbox = driver.name()
    await driver.create(sandbox, { more: [['stdio', 'null']] })
    await driver.start(sandbox, ['/bin/sh', '-c', 'trap "exit 7" USR1; while :; do sleep 0.02; done'])
    // Its first child comes after the trap: before that the signal would be fatal.
    await expect
      .poll(async () =>
        Number((await driver.request('usage', [['sandbox', sandbox]])).get('usage.pids.peak') ?? 0),
      )
      .toBeGreaterThan(1)
    expect(
      (
        await driver.request('signal', [
          ['sandbox', sandbox],
          ['signal', 10],
        ])
      ).type,
    ).toBe('reply')
    expect((await driver.event(sandbox)).get('code')).toBe('7')
    await driver.request('destroy', [['sandbox', sandbox]])
  })

  test('an init that is killed from outside is told apart', async () => {
    const sandbox = driver.name()
    const created = await driver.create(sandbox)
    await driver.start(sandbox, ['/bin/sleep', '304'])
    process.kill(Number(created.get('pid')), 'SIGKILL') // the pid is the host's
    expect((await driver.event(sandbox)).get('cause')).toBe('init-died')
    await driver.request('destroy', [['sandbox', sandbox]])
  })

  test('offsets shift its clocks', async () => {
    const { stdout } = await driver.run('cut -d. -f1 /proc/uptime', {
      more: [
        ['time.monotonic', 10_000_000],
        ['time.boottime', 10_000_000],
      ],
    })
    expect(Number(stdout)).toBeGreaterThan(10_000_000)
  })

  test.for(['user', 'pid', 'net', 'mount', 'uts', 'ipc', 'cgroup', 'time', 'overlay', 'seccomp'])(
    'the probe of %s uses it',
    async (feature) => {
      expect((await driver.request('probe', [['feature', feature]])).records).toContainEqual(['ok', '1'])
    },
  )
})
