/** How a command ends in a sandbox is told exactly. */
import { describe, expect, test } from 'vitest'
import { requires } from '../harness/requires.js'
import { roles, run } from './program.js'

describe.each(roles)('as %s', (role) => {
  requires(role)

  test.each([0, 1, 7, 255])('exit code %d', async (code) => {
    const { ending } = await run(role, { command: ['sh', '-c', `exit ${code}`] })
    expect(ending).toMatchObject({ cause: { kind: 'exit' }, code, leaks: [] })
    expect(ending.signal).toBeUndefined()
  })

  test.each(['SIGKILL', 'SIGSEGV', 'SIGTERM', 'SIGABRT', 'SIGHUP'])('%s sent to itself', async (signal) => {
    const { ending } = await run(role, { command: ['sh', '-c', `kill -${signal.slice(3)} $$`] })
    expect(ending).toMatchObject({ cause: { kind: 'exit' }, signal })
    expect(ending.code).toBeUndefined()
  })

  test('a command that does not exist', async () => {
    const { ending } = await run(role, { command: ['/no/such/command'] })
    expect(ending.cause).toMatchObject({ kind: 'exec-failed', errno: 2, path: '/no/such/command' })
  })

  test('stdout, stderr, environment, directory and mask are those that were asked for', async () => {
    const { stdout, stderr } = await run(role, {
      command: ['sh', '-c', 'echo "$GREETING from $(pwd), mask $(umask), $(hostname)"; echo oops >&2'],
      profile: { umask: 0o27 },
      env: { GREETING: 'hello', PATH: '/usr/bin:/bin' },
      cwd: '/etc',
    })
    expect(stdout).toMatch(/^hello from \/etc, mask 0?027, box\n$/)
    expect(stderr).toBe('oops\n')
  })

  test('a process that outlives the command is told as a leak, and is dead', async () => {
    const { ending, stdout } = await run(role, { command: ['sh', '-c', 'sleep 1000 & echo started'] })
    expect(stdout).toBe('started\n')
    expect(ending.leaks).toEqual([{ kind: 'process', pid: expect.any(Number), command: 'sleep 1000' }])
  })

  test('a listener that outlives the command is told as a leak', async () => {
    const daemon = `require('net').createServer().listen(3000, '127.0.0.1', () => console.log('up'))`
    const start = `
      const child = require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(daemon)}], { stdio: ['ignore', 'pipe', 'ignore'], detached: true })
      child.stdout.once('data', () => process.exit(0))`
    const { ending } = await run(role, { command: [process.execPath, '-e', start] })
    expect(ending.leaks).toContainEqual({ kind: 'listener', address: 'tcp 127.0.0.1:3000' })
  })

  test('what was used is measured in the units promised', async () => {
    const busy =
      'const end = Date.now() + 100; while (Date.now() < end); require("fs").writeFileSync("/tmp/x", Buffer.alloc(1 << 20))'
    const { ending, notices } = await run(role, { command: [process.execPath, '-e', busy] })
    const { usage } = ending
    expect(usage.wall).toBeGreaterThanOrEqual(100)
    expect(usage.diskBytes).toBeGreaterThanOrEqual(2 ** 20)
    expect(usage.memoryPeak).toBeGreaterThan(2 ** 20)
    if (notices.length === 0) {
      expect(Number(usage.cpuUser) + Number(usage.cpuSystem)).toBeGreaterThan(50_000)
      expect(usage).toMatchObject({ oomKills: 0, pidsPeak: expect.any(Number) })
    }
    for (const value of Object.values(usage)) expect(Number.isInteger(value)).toBe(true)
  })
})
