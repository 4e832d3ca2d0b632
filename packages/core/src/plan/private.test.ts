import { describe, expect, test } from 'vitest'
import type { HostFacts } from '../host/facts.js'
import { hostFacts, ordinary, pathTable } from './host.fixture.js'
import { privateDirectories } from './private.js'

function directories(host: Partial<HostFacts>, files: string[] = [], root?: string) {
  const { home, tmpdir, scratches } = privateDirectories(
    hostFacts(host),
    pathTable(...ordinary, ...files),
    root,
  )
  return { home, tmpdir, targets: scratches.map((mount) => mount.target) }
}

test('homes and temporary files are private on an ordinary host', () => {
  expect(directories({})).toEqual({
    home: '/home/me',
    tmpdir: '/tmp',
    targets: ['/tmp', '/var/tmp', '/home', '/root', '/tmp', '/home/me'],
  })
})

describe('the home directory', () => {
  test.each([
    ['/', '/tmp/home'],
    ['/nonexistent', '/tmp/home'],
    ['', '/tmp/home'],
    ['relative', '/tmp/home'],
    ['/usr', '/tmp/home'],
    ['/tmp', '/tmp/home'],
    ['/etc/hosts', '/tmp/home'],
    ['/home/me', '/home/me'],
    ['/root', '/root'],
  ])('HOME=%s: %s', (home, expected) => {
    const result = directories({ home }, ['/usr/lib/'])
    expect(result.home).toBe(expected)
    expect(result.targets).toContain(expected)
    expect(result.targets).not.toContain('/')
    expect(result.targets).not.toContain('/usr')
  })

  test('below a symlink is private where it really is', () => {
    const result = directories({ home: '/home/you' }, ['/home/you -> /data/you', '/data/you/'])
    expect(result.home).toBe('/data/you')
    expect(result.targets).toContain('/data/you')
  })
})

test.each([
  ['/tmp', '/tmp'],
  ['/scratch/me', '/scratch/me'],
  ['/home/me/tmp', '/home/me/tmp'],
  ['/missing', '/tmp'],
  ['/', '/tmp'],
])('with TMPDIR=%s temporary files are in %s', (tmpdir, expected) => {
  const result = directories({ tmpdir }, ['/scratch/me/', '/home/me/tmp/'])
  expect(result.tmpdir).toBe(expected)
  expect(result.targets).toContain(expected)
})

test('runtime directories are private: the user’s own is empty, those of others are not there', () => {
  expect(directories({}, ['/run/user/1000/bus']).targets).toEqual(
    expect.arrayContaining(['/run/user', '/run/user/1000']),
  )
  expect(directories({ uid: 7 }, ['/run/user/1000/bus']).targets).toContain('/run/user')
  expect(directories({ uid: 7 }, ['/run/user/1000/bus']).targets).not.toContain('/run/user/7')
  expect(directories({}).targets).not.toContain('/run/user')
})

test('below another root they are made, whatever the host has', () => {
  expect(directories({ home: '/home/nobody' }, [], '/rootfs')).toMatchObject({
    home: '/home/nobody',
    targets: expect.arrayContaining(['/tmp', '/var/tmp', '/home/nobody']),
  })
})
