/** What a suite may ask for beyond the usual: nested sandboxes, io_uring, no capabilities. */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type CliOptions, glovebox } from '../cli/cli.js'
import { createFixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import type { Role } from '../harness/users.js'

const bubble = [
  'bwrap',
  '--ro-bind',
  '/',
  '/',
  '--unshare-user',
  '--unshare-pid',
  '--unshare-net',
  '--dev',
  '/dev',
]
const container = [...bubble, '--proc', '/proc', 'sh', '-c', 'echo $$; ls /proc | grep -c "^[0-9]"']
const ring = (call: number) =>
  `import ctypes; libc = ctypes.CDLL(None, use_errno=True); libc.syscall(${call}, 0, 0); print(ctypes.get_errno())`
const ENOSYS = 38

describe.each<Role>(['root', 'user'])('as %s', (role) => {
  requires(role, 'apt:bubblewrap', 'apt:util-linux')
  const as: CliOptions = { as: role }

  test('a sandbox makes no sandboxes of its own', async () => {
    const { status, stderr } = await glovebox('', [...bubble, 'true'], as)
    expect(status).not.toBe(0)
    expect(stderr).toMatch(/^bwrap: No permissions/)
  })

  test('with nestedSandboxes it does, and its own walls stay', async () => {
    const { status, stdout, stderr } = await glovebox(
      '--nested-sandboxes',
      [
        ...bubble,
        'sh',
        '-c',
        'hostname; (echo x > /proc/sys/kernel/hostname) 2>/dev/null || echo refused; cat /usr/gbtest 2>/dev/null || touch /usr/gbtest',
      ],
      as,
    )
    expect(stdout, stderr).toBe('glovebox\nrefused\n')
    expect(stderr).toMatch(/Read-only file system/)
    expect(status).toBe(1)
  })

  test('nor does it take the outer one apart: what is covered stays covered, what is read-only stays read-only', async () => {
    const attempts = [
      'umount /proc/kcore',
      'umount /tmp',
      'mount -o remount,bind,rw /',
      'mount -o remount,bind,rw /proc/sys',
    ]
    const script = attempts.map((attempt) => `${attempt} 2>/dev/null && echo DONE ${attempt}`).join('; ')
    const nested = [
      'unshare',
      '--user',
      '--map-root-user',
      '--mount',
      'sh',
      '-c',
      `mount -t tmpfs none /mnt && echo mounted; ${script}`,
    ]
    const { stdout, stderr } = await glovebox('--nested-sandboxes', nested, as)
    // The control: there are mounts that it may make.
    expect(stdout, stderr).toBe('mounted\n')
  })

  test('a command leads a session and a group of its own, and has no terminal', async () => {
    const { stdout } = await glovebox('', ['cat', '/proc/self/stat'], as)
    const [pid, , , , group, session, terminal] = stdout
      .replace(/\(.*\)/, '')
      .replace(/ {2}/, ' x ')
      .split(' ')
    expect({ group, session, terminal }).toEqual({ group: pid, session: pid, terminal: '0' })
  })

  test('there is no capability in any set', async () => {
    await using project = await createFixture(as)
    const { stdout } = await glovebox('', ['grep', '^Cap', '/proc/self/status'], { ...as, cwd: project.dir })
    expect(stdout.match(/^Cap\w+:\s+0{16}$/gm)).toHaveLength(5)
  })

  test('capabilities: files keeps root those that files need, none of them inherited or ambient', async () => {
    const { stdout } = await glovebox('--capabilities files', ['grep', '^Cap', '/proc/self/status'], as)
    const sets = Object.fromEntries(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(':\t')),
    )
    const kept = role === 'root' ? '00000000000000db' : '0000000000000000'
    const none = '0000000000000000'
    expect(sets).toEqual({ CapInh: none, CapPrm: kept, CapEff: kept, CapBnd: kept, CapAmb: none })
  })

  test('io_uring is there for who asks for it', async () => {
    const python = (flags: string) => glovebox(flags, ['python3', '-c', ring(425)], as)
    expect((await python('')).stdout.trim()).toBe(String(ENOSYS))
    expect((await python('--io-uring')).stdout.trim()).not.toBe(String(ENOSYS))
  })
})

describe('an ordinary user', () => {
  requires('user', 'apt:bubblewrap')

  test('has a procfs in nested sandboxes, too', async () => {
    const { stdout, stderr } = await glovebox('--nested-sandboxes', container, { as: 'user' })
    const [pid, processes] = stdout.trim().split('\n').map(Number)
    expect(pid, stderr).toBeLessThan(10)
    expect(processes).toBeLessThan(10)
  })
})

describe('root', () => {
  requires('root', 'apt:bubblewrap')

  test('has none, which would be that of the whole machine for it', async () => {
    const { status, stderr } = await glovebox('--nested-sandboxes', container)
    expect(status).not.toBe(0)
    expect(stderr).toMatch(/mount proc.*not permitted/)
  })

  const chown = ['sh', '-c', 'touch file && chown 1000:1000 file && stat -c %u file']

  test('gives no file away in a project of its own, unless it is to keep what that needs', async () => {
    await using project = await createFixture({ as: 'root', files: { 'package.json': '{}' } })
    const { stderr } = await glovebox('', chown, { cwd: project.dir })
    expect(stderr).toMatch(/^chown: .*not permitted\n$/)
    expect((await glovebox('--capabilities files', chown, { cwd: project.dir })).stdout).toBe('1000\n')
  })

  test.each([
    ['that belongs to another user', (dir: string) => chownSync(dir, 1001, 1001)],
    ['with files of another user', (dir: string) => chownSync(join(dir, 'package.json'), 1001, 1001)],
    ['behind a directory that is closed to root', (dir: string) => close(dirname(dir))],
  ])('writes to a project %s, is told why, and cannot with capabilities: none', async (_, give) => {
    const place = mkdtempSync('/var/lib/gbtest-') // where a sandbox has nothing of its own
    onTestFinished(() => rmSync(place, { recursive: true }))
    const dir = join(place, 'project')
    mkdirSync(dir)
    writeFileSync(join(dir, 'package.json'), '{}')
    give(dir)
    // By absolute paths: where its working directory is, it is already.
    const script = 'cd / && echo {} > "$1/package.json" && rm "$1/package.json" && touch "$1/new" && ls "$1"'
    const write = ['sh', '-c', script, 'sh', dir]
    const kept = await glovebox('--project overlay', write, { cwd: dir })
    expect(kept.stdout, kept.stderr).toBe('new\n')
    expect(kept.stderr).toMatch(
      /root keeps its capabilities for files in sandboxes, since \S+ (belongs|is closed to all but) .*1001\. --capabilities none drops them all/,
    )
    const dropped = await glovebox('--project overlay --capabilities none', write, { cwd: dir })
    expect(dropped.status, dropped.stderr).not.toBe(0)
    expect(dropped.stderr).not.toContain('root keeps')
  })
})

/** To all but a user that is not root. */
function close(directory: string): void {
  chmodSync(directory, 0o700)
  chownSync(directory, 1001, 1001)
}
