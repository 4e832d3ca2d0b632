import { expect, test } from 'vitest'
import { lines, plan } from './mounts.fixture.js'

test('sockets of services and agents are hidden, wherever they are', () => {
  const env = {
    SSH_AUTH_SOCK: '/var/agent.sock',
    DBUS_SESSION_BUS_ADDRESS: 'unix:path=/var/bus,guid=1',
    DOCKER_HOST: 'unix:///srv/d.sock',
  }
  const all = lines(
    plan({ host: { env }, files: ['/var/agent.sock', '/var/bus', '/srv/d.sock', '/run/docker.sock'] }),
  )
  expect(all.filter((line) => line.startsWith('mask'))).toEqual([
    'mask /run/docker.sock',
    'mask /var/agent.sock',
    'mask /var/bus',
    'mask /srv/d.sock',
  ])
})

test('sockets that are found on the host are hidden, but not those of the project, of name services, and in places that are listed', () => {
  const sockets = ['/run/pg/s', '/run/db/s', '/app/s', '/run/nscd/socket', '/tmp/s', '/run/gone']
  const files = ['/run/pg/s', '/run/db/s', '/app/s', '/run/nscd/socket', '/tmp/s']
  expect(lines(plan({ host: { sockets }, files })).filter((line) => line.startsWith('mask'))).toEqual([
    'mask /run/pg/s',
    'mask /run/db/s',
  ])
  const listed = lines(plan({ host: { sockets }, files, readonly: ['/run/pg'] }))
  expect(listed.filter((line) => line.startsWith('mask'))).toEqual(['mask /run/db/s'])
})

test('a path that is a symlink is hidden where it leads', () => {
  expect(lines(plan({ hide: ['/app/secret'], files: ['/app/secret -> /data/s', '/data/s'] }))).toContain(
    'mask /data/s',
  )
})

test('nothing is masked that a private directory hides anyway', () => {
  expect(lines(plan({ hide: ['/home/me/x'], files: ['/home/me/x', '/home/me/.ssh/'] })).join()).not.toContain(
    'mask',
  )
})

test('a hidden directory that holds the project is a private one', () => {
  const all = lines(
    plan({
      project: { path: '/srv/code/app', mode: 'overlay' },
      hide: ['/srv'],
      files: ['/srv/code/app/'],
    }),
  )
  expect(all).toContain('scratch /srv')
  expect(all.at(-1)).toBe('overlay /srv/code/app')
})

test('what lies in a hidden directory needs no mask of its own', () => {
  const all = lines(plan({ hide: ['/srv', '/srv/a/b'], files: ['/srv/a/b'] }))
  expect(all.filter((line) => line.startsWith('mask'))).toEqual(['mask /srv'])
})

test('tool caches that the user hides are not shown', () => {
  expect(
    lines(plan({ hide: ['/home/me/.local'], files: ['/home/me/.local/share/pnpm/'] })).join(),
  ).not.toContain('pnpm')
})

test('what the user shows is not hidden', () => {
  const all = lines(
    plan({
      readonly: ['/home/me/.config/gh', '/run/docker.sock'],
      files: ['/home/me/.config/gh/', '/run/docker.sock'],
    }),
  )
  expect(all).toContain('bind /home/me/.config/gh (readonly)')
  expect(all).toContain('bind /run/docker.sock (readonly)')
  expect(all.join()).not.toContain('mask')
})

test('credentials stay hidden in a home that the user shows', () => {
  const all = lines(plan({ readonly: ['/home/me'], files: ['/home/me/.ssh/'] }))
  expect(all).toContain('bind /home/me (readonly)')
  expect(all).toContain('mask /home/me/.ssh')
})
