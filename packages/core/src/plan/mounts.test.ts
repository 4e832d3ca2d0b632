import { describe, expect, test } from 'vitest'
import { type Case, lines, plan } from './mounts.fixture.js'
import { depth } from './paths.js'

const inHome = (path: string): Case => ({ project: { path, mode: 'overlay' }, files: [`${path}/`] })

test('an ordinary project: read-only root, private directories, an overlay', () => {
  expect(lines(plan())).toEqual([
    'bind / (readonly)',
    'proc /proc',
    'dev /dev',
    'scratch /tmp',
    'scratch /home',
    'scratch /root',
    'overlay /app',
    'scratch /var/tmp',
    'scratch /home/me',
    'file /etc/hosts',
    'file /etc/hostname',
    'file /etc/resolv.conf',
    'cgroup /sys/fs/cgroup',
  ])
})

test('parents always come before children, and no target twice', () => {
  const { mounts } = plan({
    ...inHome('/home/me/a/b/c'),
    host: { tmpdir: '/home/me/a/tmp', execPath: '/home/me/.nvm/v20/bin/node' },
    files: [
      '/home/me/a/b/c/',
      '/home/me/a/tmp/',
      '/home/me/.nvm/v20/bin/node',
      '/home/me/a/b/c/secret',
      '/home/me/x/',
    ],
    hide: ['/home/me/a/b/c/secret', '/home/me/a'],
    writable: ['/home/me/x'],
  })
  const depths = mounts.map((mount) => depth(mount.target))
  expect(depths).toEqual(depths.toSorted((a, b) => a - b))
  expect(new Set(mounts.map((mount) => mount.target)).size).toBe(mounts.length)
})

test('a cache outside the project is seen, and written into a private layer; one inside has that already', () => {
  const layered = ['/tmp/cache', '/app/cache']
  const files = ['/tmp/cache/', '/app/cache/']
  expect(lines(plan({ layered, files })).filter((line) => line.includes('cache'))).toEqual([
    'overlay /tmp/cache',
  ])
})

describe('the project', () => {
  test.each([
    ['readonly', 'bind /app (readonly)'],
    ['direct', 'bind /app'],
    ['overlay', 'overlay /app'],
  ] as const)('%s', (mode, line) => {
    expect(lines(plan({ project: { path: '/app', mode } }))).toContain(line)
  })

  test.each(['/home/me/code/app', '/tmp/work/app', '/var/tmp/app', '/root/app'])(
    'at %s is laid over the private directory',
    (path) => {
      const all = lines(plan(inHome(path)))
      expect(all).toContain(`overlay ${path}`)
      expect(all.filter((line) => !line.startsWith('cgroup')).at(-1)).toBe(`overlay ${path}`)
    },
  )

  test('that is the home directory replaces the private one, and its credentials are hidden', () => {
    const all = lines(
      plan({ project: { path: '/home/me', mode: 'overlay' }, files: ['/home/me/.ssh/', '/home/me/.npmrc'] }),
    )
    expect(all).toContain('overlay /home/me')
    expect(all).not.toContain('scratch /home/me')
    expect(all).toContain('mask /home/me/.ssh')
    expect(all).toContain('mask /home/me/.npmrc')
  })

  test('that holds the home directory and /tmp keeps those private', () => {
    const all = lines(plan({ project: { path: '/', mode: 'readonly' } }))
    expect(all).toContain('bind / (readonly)')
    expect(all).toContain('scratch /home/me')
    expect(all).toContain('scratch /tmp')
  })
})

describe('what stays visible', () => {
  test.each([
    ['/home/me/node-v20/bin/node', '/home/me/node-v20'],
    ['/home/me/.nvm/versions/node/v20/bin/node', '/home/me/.nvm'],
    ['/tmp/node/bin/node', '/tmp/node'],
    ['/tmp/node', '/tmp/node'],
    ['/home/me/bin/node', '/home/me/bin/node'],
  ])('Node.js at %s: %s', (execPath, expected) => {
    expect(lines(plan({ host: { execPath }, files: [execPath] }))).toContain(`bind ${expected} (readonly)`)
  })

  test('tool caches of the real home, where they exist', () => {
    const all = lines(
      plan({ files: ['/home/me/.volta/bin/x', '/home/me/.cache/ms-playwright/', '/home/me/.cache/other/'] }),
    )
    expect(all).toContain('bind /home/me/.volta (readonly)')
    expect(all).toContain('bind /home/me/.cache/ms-playwright (readonly)')
    expect(all.filter((line) => line.startsWith('bind /home'))).toHaveLength(2)
  })

  test('caches that a variable names', () => {
    const all = lines(
      plan({
        host: { env: { PLAYWRIGHT_BROWSERS_PATH: '/tmp/browsers', NVM_DIR: 'relative' } },
        files: ['/tmp/browsers/'],
      }),
    )
    expect(all).toContain('bind /tmp/browsers (readonly)')
  })

  test('what the runner needs, where a private directory would hide it, and only there', () => {
    const all = lines(
      plan({
        visible: ['/home/me/lib/vitest', '/opt/lib', '/app/node_modules/x', '/missing'],
        files: ['/home/me/lib/vitest/', '/opt/lib/'],
      }),
    )
    expect(all).toContain('bind /home/me/lib/vitest (readonly)')
    expect(all.join()).not.toMatch(/opt|node_modules|missing/)
  })

  test('never a whole private directory', () => {
    const all = lines(plan({ visible: ['/home/me', '/tmp', '/home'] }))
    expect(all).toContain('scratch /home/me')
    expect(all).toContain('scratch /tmp')
    expect(all.filter((line) => line.startsWith('bind'))).toEqual(['bind / (readonly)'])
  })

  test('a cache that the runner writes meanwhile is bound over the overlay', () => {
    expect(plan({ shared: ['/app/node_modules/.cache'] }).mounts.at(-1)).toEqual({
      type: 'bind',
      source: '/app/node_modules/.cache',
      target: '/app/node_modules/.cache',
      readonly: true,
      optional: true,
    })
  })
})

test('writable paths reach the host', () => {
  expect(lines(plan({ writable: ['/var/cache/x'], files: ['/var/cache/x/'] }))).toContain('bind /var/cache/x')
})

test('localhost and the host name resolve; on the host’s network the host’s names do too', () => {
  const hosts = (input: Case) => plan(input).mounts.find((mount) => mount.target === '/etc/hosts')
  expect(hosts({ hostname: 'box' })).toMatchObject({
    content: '127.0.0.1\tlocalhost box\n::1\tlocalhost ip6-localhost ip6-loopback\n',
  })
  expect(hosts({ network: 'host', hostname: 'box' })).toMatchObject({
    content: '127.0.0.1\tlocalhost\n10.0.0.5\tdb\n127.0.0.1\tbox\n',
  })
})

test('nobody is asked for names but the sandbox’s own resolver', () => {
  const sources = (hosts: string, input: Case = {}) => {
    const host = { ...input.host, nsswitch: `passwd: files\n${hosts}\nservices: files\n` }
    const found = plan({ ...input, host }).mounts.find((mount) => mount.target === '/etc/nsswitch.conf')
    return found?.type === 'file' ? found.content.split('\n')[1] : undefined
  }
  expect(sources('hosts: files dns')).toBe('hosts: files dns')
  expect(sources('hosts: mymachines resolve [!UNAVAIL=return] files myhostname dns')).toBe(
    'hosts: files myhostname dns',
  )
  expect(sources('hosts: files dns', { network: 'host' })).toBeUndefined()
  expect(sources('hosts: mymachines files myhostname resolve dns', { network: 'policy' })).toBe(
    'hosts: files myhostname dns',
  )
  expect(lines(plan())).not.toContain('file /etc/nsswitch.conf')
})

test('another root is an overlay, into which project and Node.js are put', () => {
  const result = plan({
    root: '/rootfs',
    hide: ['/etc/secret'],
    host: { execPath: '/usr/local/bin/node' },
    files: ['/usr/local/bin/node'],
  })
  expect(result.mounts[0]).toEqual({ type: 'overlay', source: '/rootfs', target: '/' })
  expect(lines(result)).toEqual(
    expect.arrayContaining([
      'overlay /app',
      'bind /usr/local/bin/node (readonly)',
      'mask /etc/secret',
      'scratch /tmp',
    ]),
  )
  expect(result.shows('/app/x')).toBe(true)
  expect(result.shows('/etc')).toBe(false)
})

test('a sandbox has a resolver of its own, wherever the host keeps its own', () => {
  const files = ['/run/stub.conf', '/etc/resolv.conf -> /run/stub.conf']
  const resolver = (input: Case) =>
    plan({ files, ...input }).mounts.find(
      (mount) => 'content' in mount && mount.content.includes('nameserver'),
    )
  expect(resolver({ network: 'policy' })).toMatchObject({
    target: '/run/stub.conf',
    content: expect.stringContaining('nameserver 127.0.0.1\n'),
  })
  expect(resolver({ network: 'policy', root: '/rootfs' })).toMatchObject({ target: '/etc/resolv.conf' })
  expect(resolver({ network: 'none' })).toMatchObject({ target: '/run/stub.conf' })
  expect(resolver({ network: 'host' })).toBeUndefined()
})
