/** What is wrong on the command line or with the host is said in a message, never a stack trace, and nothing runs. */
import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFixture, type Fixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import { brokenHosts, foreignSupervisor } from './broken-hosts.js'
import { type CliOptions, cli, glovebox } from './cli.js'

/** Runs `echo ran`, which must not be reached, and returns what was said instead. */
async function refusal(flags: string, options: CliOptions = {}): Promise<string> {
  const { status, stdout, stderr } = await glovebox(flags, ['echo', 'ran'], options)
  expect({ status, stdout }, stderr).toEqual({ status: 125, stdout: '' })
  expect(stderr).not.toMatch(/^ +at /m)
  return stderr
}

describe('flags', () => {
  requires('root')

  test.each<[flags: string, message: RegExp]>([
    ['--memroy 1G', /unknown option '--memroy'\s+\(Did you mean --memory\?\)/],
    ['--memory lots', /--memory.*lots/],
    ['--memory -1', /--memory.*-1/],
    ['--memory 0', /--memory.*0/],
    ['--memory 900TiB', /--memory: '900 TiB' is more than this host has/],
    ['--cpus fast', /--cpus.*fast/],
    ['--cpus 4096', /--cpus.*4096/],
    ['--cpuset 4000', /--cpuset.*4000/],
    ['--pids 0', /--pids.*0/],
    ['--timeout soon', /--timeout.*soon/],
    ['--umask 999', /--umask.*999/],
    ['--network bridge', /--network.*bridge.*none, host/],
    ['--hostname -', /--hostname/],
    ['--io nonsense', /--io.*nonsense/],
    ['--root /nowhere', /--root.*\/nowhere/],
    ['--cwd /nowhere', /--cwd \/nowhere/],
    ['--writable /nowhere', /--writable.*\/nowhere/],
    ['--pids 5 --pids-limit 5', /--pids-limit.* cannot be used with option '--pids/],
    ['--memory-swap 1G', /--memory-swap 1G/],
    ['--open-files 99999999999', /--open-files/],
  ])('%s', async (flags, message) => {
    expect(await refusal(flags)).toMatch(message)
  })

  test('no command', async () => {
    const { status, stderr } = await cli(['run'])
    expect(stderr).toMatch(/missing required argument 'command'/)
    expect(status).toBe(125)
  })

  test('an unknown subcommand is near to a known one, and the status is 2', async () => {
    const { status, stderr } = await cli(['docter'])
    expect(stderr).toMatch(/unknown command 'docter'\s+\(Did you mean doctor\?\)/)
    expect(status).toBe(2)
  })

  test('help and version are no errors', async () => {
    expect(await cli(['run', '--help'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('--memory-swap'),
    })
    expect(await cli(['--version'])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    })
    expect(await cli([])).toMatchObject({ status: 0, stdout: expect.stringContaining('doctor') })
  })
})

describe('hosts', () => {
  const able = requires('root', 'cc', 'apt:util-linux')
  let fixture: Fixture
  let hosts: ReturnType<typeof brokenHosts>

  beforeAll(async () => {
    if (!able) return
    fixture = await createFixture()
    hosts = brokenHosts(fixture.dir)
  })
  afterAll(() => {
    if (able) rmSync(fixture.dir, { recursive: true, force: true })
  })

  test('user namespaces forbidden', async () => {
    expect(await refusal('', hosts.noUserNamespaces)).toMatch(
      /ENOSPC[\s\S]*sysctl -w user\.max_user_namespaces/,
    )
  })

  test('a seccomp filter that refuses namespaces', async () => {
    expect(await refusal('', hosts.seccomp)).toMatch(/EPERM[\s\S]*glovebox doctor/)
  })

  test('a /proc that is partly hidden', async () => {
    expect(await refusal('', hosts.maskedProc)).toMatch(
      /mount-proc failed with EPERM[\s\S]*(findmnt -R \/proc|systempaths=unconfined|procMount|unmask)/,
    )
  })

  test('read-only cgroups: a cpu limit cannot be enforced, a memory limit is sampled', async () => {
    expect(await refusal('--cpus 0.5', hosts.readOnlyCgroups)).toMatch(/cannot enforce --cpus/)
    const { status, stdout, stderr } = await glovebox(
      '--memory 512MiB',
      ['echo', 'ran'],
      hosts.readOnlyCgroups,
    )
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'ran\n' })
    expect(stderr).toMatch(/--memory.* enforced by sampling/)
  })

  test('too few descriptors', async () => {
    const few = { through: ['prlimit', '--nofile=20:20'] }
    expect(await refusal('', few)).toMatch(/ulimit -n/)
  })

  test('no space in the temporary folder', async () => {
    expect(await refusal('', hosts.fullTemp)).toMatch(/ENOSPC[\s\S]*TMPDIR/)
  })

  test('a supervisor that is missing, not executable, or of another machine', async () => {
    const plain = fixture.path('plain')
    writeFileSync(plain, 'text')
    chmodSync(plain, 0o644)
    const refused = (path: string): Promise<string> => refusal('', { env: { GLOVEBOX_SUPERVISOR: path } })
    expect(await refused('/nowhere/supervisor')).toMatch(/\/nowhere\/supervisor[\s\S]*unset it/)
    expect(await refused(plain)).toMatch(/cannot be executed[\s\S]*chmod 755/)
    const foreign = foreignSupervisor(fixture.path('foreign'))
    expect(await refused(foreign)).toMatch(/foreign-supervisor cannot be executed[\s\S]*linux-(x64|arm64)/)
  })

  test('--on-unsupported warn runs without a sandbox where none can be made, and says so', async () => {
    const options = { ...hosts.noUserNamespaces }
    const { status, stdout, stderr } = await glovebox(
      '--on-unsupported warn',
      ['sh', '-c', 'echo ran; exit 4'],
      options,
    )
    expect({ status, stdout }).toEqual({ status: 4, stdout: 'ran\n' })
    expect(stderr).toMatch(/running sh WITHOUT a sandbox/)
  })
})

describe('other platforms', () => {
  requires('root')

  const darwin = {
    env: {
      NODE_OPTIONS:
        "--import=data:text/javascript,Object.defineProperty(process,'platform',{value:'darwin'})",
    },
  }

  test('are told so in one sentence, with the way out', async () => {
    expect(await refusal('', darwin)).toMatch(
      /^glovebox: Glovebox needs the namespaces and cgroups of Linux; this is darwin\.\n {2}.*--on-unsupported warn.*\n$/,
    )
  })

  test('run unsandboxed under --on-unsupported warn, which says so', async () => {
    const { status, stdout, stderr } = await glovebox(
      '--on-unsupported warn',
      ['sh', '-c', 'hostname; exit 6'],
      darwin,
    )
    expect({ status, stdout }).toEqual({ status: 6, stdout: `${hostname()}\n` })
    expect(stderr).toMatch(/running sh WITHOUT a sandbox: .*this is darwin/)
  })

  test('get a report from doctor', async () => {
    const { status, stdout } = await cli(['doctor'], darwin)
    expect(stdout).toMatch(/MISSING +glovebox-supervisor +Glovebox needs .* this is darwin/)
    expect(status).toBe(1)
  })
})
