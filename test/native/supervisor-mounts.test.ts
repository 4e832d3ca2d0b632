/** The list of mounts, entry by entry, and the upper layers of overlays after the sandbox's end. */
import { execFileSync } from 'node:child_process'
import { lstatSync, readFileSync, readlinkSync } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFixture, type Fixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import { identityOf, type Role } from '../harness/users.js'
import { buildSupervisor, type Flavour, mount, SupervisorDriver, usualMounts } from './supervisor-driver.js'
import type { Record } from './supervisor-frames.js'

const ready = requires('root', 'user', 'cc')

/** Without a /tmp of its own, where root's fixtures and the run directories lie. */
const withHostTmp = usualMounts.slice(0, -3)

describe.for<[Role, Flavour]>([
  ['root', 'plain'],
  ['user', 'plain'],
  ['root', 'sanitized'],
  ['user', 'sanitized'],
])('as %s, %s', ([role, flavour]) => {
  let driver: SupervisorDriver
  let project: Fixture

  beforeAll(async () => {
    if (!ready) return
    buildSupervisor(flavour)
    driver = await SupervisorDriver.launch(role, flavour)
    const files = ['a', 'b', 'dir/c', 'dir/sub/d', 'gone/e', 'keep/f', 'moved', 'replaced/g']
    project = await createFixture({ as: role, files: Object.fromEntries(files.map((file) => [file, file])) })
    await symlink('a', project.path('link'))
  })
  afterAll(async () => {
    await driver?.close()
    await project?.remove()
  })

  const stdout = async (script: string, mounts: readonly Record[]) =>
    (await driver.run(script, { mounts })).stdout.trim()

  test('the root is read-only, down to the mounts below it, and /tmp is empty', async () => {
    const { stdout, exit } = await driver.run(
      'for f in / /etc /usr /sys/fs/cgroup /proc/sys/kernel; do touch $f/gbtest-x 2>/dev/null && echo $f; done; ls -A /tmp; exit 0',
    )
    expect([stdout, exit?.get('code')]).toEqual(['', '0'])
  })

  test('a scratch directory, a mask, and a file replace what the host has', async () => {
    const target = project.path('dir')
    const mounts = [
      ...withHostTmp,
      ...mount('scratch', { target, mode: '0750' }),
      ...mount('mask', { target: project.path('gone') }),
      ...mount('mask', { target: project.path('a') }),
      ...mount('file', { target: project.path('b'), content: 'mine\n' }),
    ]
    const script = `cd ${project.dir}; stat -c %a dir; ls dir; ls -A gone; cat a 2>/dev/null; cat b; echo x > dir/x && cat dir/x; echo x > b || echo read-only`
    expect(await stdout(script, mounts)).toBe('750\nmine\nx\nread-only')
    expect(readFileSync(project.path('b'), 'utf8')).toBe('b')
  })

  test('a mask covers a socket, so that nobody can connect', async () => {
    const socket = join(driver.runDir, 'socket')
    const script = `require('net').connect('${socket}').on('connect', () => process.exit(0)).on('error', () => process.exit(1))`
    const connect = [process.execPath, '-e', script]
    expect((await driver.run(connect, { mounts: withHostTmp })).exit?.get('code')).toBe('0')
    const masked = [...withHostTmp, ...mount('mask', { target: socket })]
    expect((await driver.run(connect, { mounts: masked })).exit?.get('code')).not.toBe('0')
  })

  test('a source is seen as it was before other entries covered it', async () => {
    const mounts = [
      ...usualMounts,
      ...mount('scratch', { target: project.dir, mode: '0755' }),
      ...mount('bind', { source: project.path('dir'), target: project.path('dir'), readonly: 1 }),
    ]
    expect(
      await stdout(`cd ${project.dir}; ls; cat dir/c; touch dir/x 2>/dev/null || echo read-only`, mounts),
    ).toBe('dir\ndir/cread-only')
  })

  test('a target is made in the sandbox, never in the host', async () => {
    const inTmp = [
      ...usualMounts,
      ...mount('bind', { source: project.dir, target: '/tmp/deep/er', readonly: 1 }),
    ]
    expect(await stdout('cat /tmp/deep/er/a', inTmp)).toBe('a')
    const inHost = [
      ...usualMounts,
      ...mount('bind', { source: project.dir, target: project.dir }),
      ...mount('scratch', { target: project.path('new'), mode: '0755' }),
    ]
    const { created } = await driver.run('true', { mounts: inHost })
    expect([created.type, created.get('stage'), created.get('path')]).toEqual([
      'error',
      'mount-scratch',
      project.path('new'),
    ])
    expect(lstatSync(project.path('new'), { throwIfNoEntry: false })).toBeUndefined()
  })

  test('what is optional may be missing, what is not is told with its path', async () => {
    const missing = { source: '/nowhere', target: '/tmp/x' }
    const optional = [...usualMounts, ...mount('bind', { ...missing, optional: 1 })]
    expect(await stdout('ls -A /tmp', optional)).toBe('')
    const { created } = await driver.run('true', { mounts: [...usualMounts, ...mount('bind', missing)] })
    const facts = ['stage', 'errno', 'path'].map((key) => created.get(key))
    expect(facts).toEqual(['mount-bind', '2', '/nowhere'])
  })

  test('a file that does not fit, and an overlay that the kernel refuses, are told with their paths', async () => {
    const file = mount('file', { target: '/etc/hosts', content: 'x'.repeat(20_000) })
    const full = await driver.run('true', {
      mounts: [...usualMounts, ...file],
      more: [['scratch.size', 8192]],
    })
    expect(['stage', 'errno', 'path'].map((key) => full.created.get(key))).toEqual([
      'mount-file',
      '28',
      '/etc/hosts',
    ])
    const overlay = mount('overlay', { source: '/proc', target: '/opt' })
    const refused = await driver.run('true', { mounts: [...usualMounts, ...overlay] })
    expect(['stage', 'path'].map((key) => refused.created.get(key))).toEqual(['mount-overlay', '/proc'])
  })

  test("a directory of the caller's can be the root", async () => {
    const root = await createFixture({ as: role })
    const { uid, gid } = identityOf(role)
    for (const name of ['usr', 'proc', 'dev', 'tmp']) {
      await mkdir(root.path(name))
      execFileSync('chown', [`${uid}:${gid}`, root.path(name)])
    }
    for (const name of ['bin', 'lib', 'lib64']) await symlink(`usr/${name}`, root.path(name))
    const others = [
      ...mount('bind', { source: '/usr', target: '/usr', readonly: 1 }),
      ...usualMounts.slice(4),
    ]
    const bound = [...mount('bind', { source: root.dir, target: '/', readonly: 1 }), ...others]
    const layered = [...mount('overlay', { source: root.dir, target: '/' }), ...others]
    const script =
      'ls / | tr "\\n" " "; cd / && ls .. | wc -l; grep -c " / / " /proc/self/mountinfo; touch /x 2>/dev/null && ls /x'
    const names = 'bin dev lib lib64 package.json proc tmp usr'
    expect(await stdout(script, bound)).toMatch(new RegExp(`^${names} 8\\n`))
    expect(await stdout(script, layered)).toMatch(new RegExp(`^${names} 8\\n(.|\\n)*/x$`))
    expect(lstatSync(root.path('x'), { throwIfNoEntry: false })).toBeUndefined()
    await root.remove()
  })

  const overlay = () => [...usualMounts, ...mount('overlay', { source: project.dir, target: project.dir })]

  test('an overlay keeps every kind of change to itself, and lists it', async () => {
    const script = `cd ${project.dir} && umask 022 && echo new > n && echo more >> a && rm b && rm -r gone && echo deep > dir/sub/z &&
      rm -r keep && mkdir keep && echo k > keep/k && ln -s a l2 && ln -sf n link && mv moved there && rm dir/c && mkdir dir/c &&
      rm -r replaced && echo file > replaced && mkfifo pipe && chmod 700 dir/sub && cat dir/sub/d`
    const listed: string[] = []
    await driver.run(script, {
      mounts: overlay(),
      inspect: async (sandbox) => {
        const { records } = await driver.request('changes', [['sandbox', sandbox]])
        for (const [key, value] of records) {
          if (key === 'change') listed.push(value)
          if (key === 'change.path' || key === 'change.kind') listed.push(`${listed.pop()} ${value}`)
        }
      },
    })
    expect(listed.sort()).toEqual([
      'created dir/sub/z file',
      'created keep/k file',
      'created l2 symlink',
      'created n file',
      'created pipe other',
      'created there file',
      'deleted b file',
      'deleted gone directory',
      'deleted keep/f file',
      'deleted moved file',
      'modified a file',
      'modified dir/c directory',
      'modified dir/sub directory',
      'modified link symlink',
      'modified replaced file',
    ])
    expect(await project.read('a')).toBe('a')
    expect(await project.read('gone/e')).toBe('gone/e')
  })

  test('files and links of the layer can be exported, with their modes; nothing else, and no way out of it', async () => {
    const into = await createFixture({ as: role })
    const script = `cd ${project.dir} && echo new > n && chmod 741 n && ln -s /etc/passwd out && ln -s / up && mkfifo pipe`
    await driver.run(script, {
      mounts: overlay(),
      inspect: async (sandbox) => {
        const ask = (...paths: string[]) =>
          driver.request('export', [
            ['sandbox', sandbox],
            ['target', project.dir],
            ...paths.map((path): Record => ['path', path]),
            ['directory', into.dir],
          ])
        expect((await ask('n', 'out')).get('exported')).toBe('2')
        for (const path of ['pipe', 'up/etc/passwd', '../../upper/n', '/etc/passwd', 'missing']) {
          const answer = await ask(path)
          expect([answer.type, answer.get('stage'), answer.get('path')]).toEqual(['error', 'export', path])
        }
      },
    })
    expect(readFileSync(into.path('0'), 'utf8')).toBe('new\n')
    expect(lstatSync(into.path('0')).mode & 0o7777).toBe(0o741)
    expect(readlinkSync(into.path('1'))).toBe('/etc/passwd')
    await into.remove()
  })
})
