import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Ownership, ownershipIn, ownershipOnTheWay, whyForeign } from './ownership.js'

const file = (path: string, uid: number, mode = 0o755, gid = uid): Ownership => ({ path, uid, gid, mode })

test.each<[string, Ownership[], Ownership[], string | undefined]>([
  ['all is root’s', [file('/app', 0), file('/app/a', 0, 0o400)], [file('/', 0)], undefined],
  ['a checkout of user 1001', [file('/app', 1001)], [], '/app belongs to user 1001'],
  [
    'files of a user in a directory of root',
    [file('/app', 0), file('/app/src', 1000)],
    [],
    '/app/src belongs to user 1000',
  ],
  ['a home that is open', [], [file('/home/me', 1000)], undefined],
  [
    'a closed home on the way',
    [],
    [file('/', 0), file('/home/me', 1000, 0o700)],
    '/home/me is closed to all but user 1000',
  ],
  [
    'a home that is open to its group alone',
    [],
    [file('/home/me', 1000, 0o750)],
    '/home/me is closed to all but user 1000',
  ],
  ['a home that is open to root’s group', [], [file('/home/me', 1000, 0o750, 0)], undefined],
  [
    'a directory that even its owner, root, may not search',
    [],
    [file('/shut', 0, 0o600)],
    '/shut is closed to all but user 0',
  ],
])('%s', (_, files, ways, reason) => {
  expect(whyForeign(files, ways)).toBe(reason)
})

test('a directory is looked at one level deep, without symlinks and what is missing', () => {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'gbtest-')))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  mkdirSync(join(directory, 'deep/deeper'), { recursive: true })
  writeFileSync(join(directory, 'file'), '')
  chmodSync(join(directory, 'file'), 0o640)
  symlinkSync('/', join(directory, 'link'))
  const seen = ownershipIn([directory, join(directory, 'missing'), directory])
  expect(seen.map(({ path }) => path.slice(directory.length)).sort()).toEqual(['', '/deep', '/file'])
  expect(seen.find(({ path }) => path.endsWith('/file'))).toMatchObject({
    uid: process.getuid?.(),
    gid: process.getgid?.(),
    mode: 0o640,
  })
})

test('on the way to a path are its parents, each once, and not itself', () => {
  const seen = ownershipOnTheWay(['/usr/bin/env', '/usr/lib', '/'])
  expect(seen.map(({ path }) => path).filter((path) => path !== '/usr/bin')).toEqual(['/usr', '/'])
})
