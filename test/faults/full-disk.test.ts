/** A small file system, the runner's alone, that becomes full while files run: what does not fit is said, nothing else is lost, nothing hangs. */
import { writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { expect, test } from 'vitest'
import { createFixture } from '../harness/fixture.js'
import { leftoversLater, snapshot } from '../harness/leftovers.js'
import { requires } from '../harness/requires.js'
import { moduleOf, type Run, startVitest } from '../harness/run-vitest.js'
import { waitFor } from '../harness/wait-for.js'
import { passed, start } from './runner.js'

requires('root', 'apt:util-linux', 'node24', 'vitest4.1')

const { ENOSPC } = constants.errno

/** A command that mounts a small file system at a directory, in a mount namespace of its own, and does the rest there. */
const mounting = (directory: string, size: string, rest: string): string[] => [
  'unshare',
  '--mount',
  'sh',
  '-c',
  `mount -t tmpfs -o size=${size} none "$0" && ${rest}`,
  directory,
]

/** Writes until there is no room, where that process sees the directory. */
function fill(pid: number, directory: string): void {
  const block = Buffer.alloc(4096, 'x')
  const full = `/proc/${pid}/root${directory}/full`
  expect(() => {
    for (;;) writeFileSync(full, block, { flag: 'a' })
  }).toThrow('ENOSPC')
}

test('the folder of temporary files fills up: files go on, or are refused with ENOSPC', async () => {
  const directory = '$TMPDIR'
  const { child, temporary, text, outcomes, left } = await start('spawn', {
    through: [
      'unshare',
      '--mount',
      'sh',
      '-c',
      `mount -t tmpfs -o size=1m none ${directory}; exec "$@"`,
      'sh',
    ],
  })
  await waitFor('its first file', () => text().includes('begun'))
  fill(child.pid as number, temporary)
  const all = await outcomes
  expect(all).toHaveLength(6)
  for (const outcome of all) {
    if (outcome.error === undefined) expect(outcome).toEqual(passed)
    else expect(Math.abs(outcome.errno ?? 0), JSON.stringify(outcome)).toBe(ENOSPC)
  }
  // Those that ran when it happened were not hurt.
  expect(all).toContainEqual(passed)
  expect(await left()).toEqual([])
})

const config = `import { glovebox } from '@glovebox/vitest-plugin'
export default {
  plugins: [glovebox({ onUnsupported: 'warn', limits: { memory: '256MiB' }, filesystem: { persist: ['out/**'] } })],
  test: { include: ['*.test.js'], maxWorkers: 1 },
}`
const writer = (name: string) => `import { writeFileSync } from 'node:fs'
import { test } from 'vitest'
test('writes what is kept', () => writeFileSync('out/${name}', Buffer.alloc(600 * 1024, '${name}')))`
const files = {
  'vitest.config.js': config,
  'a.test.js': writer('a'),
  'b.test.js': writer('b'),
  'none.test.js': `import { test } from 'vitest'\ntest('writes nothing', () => {})`,
  'out/a': 'old',
  'out/b': 'old',
}

/** `what`: of the run, told a directory to be small. */
async function runOn(small: 'project' | 'temporary', size: string): Promise<Run & { kept: string[] }> {
  const moved = Object.fromEntries(Object.entries(files).map(([path, text]) => [`source/${path}`, text]))
  await using project = await createFixture({
    vitest: '4.1',
    files: { ...moved, 'small/.keep': '', 'large/.keep': '' },
  })
  const temporary = project.path(small === 'temporary' ? 'small' : 'large')
  const before = snapshot(temporary)
  const copied = project.path(small === 'project' ? 'small' : 'source')
  // When Vitest has ended: how long each kept file is, and how it begins.
  const look = `cd ${copied}/out && for file in $(ls -A); do echo "KEPT $file $(wc -c < $file) $(head -c 1 $file)"; done`
  const copy = small === 'project' ? `cp -a "$0/../source/." "$0/"` : 'true'
  const started = startVitest({
    node: 24,
    vitest: '4.1',
    as: 'root',
    cwd: project.dir,
    args: ['run', '--root', copied],
    env: { TMPDIR: temporary },
    wrapper: mounting(project.path('small'), size, `${copy} && { "$@"; code=$?; ${look}; exit $code; }`),
  })
  const run = await started.done
  expect(await leftoversLater(before, started.marker)).toEqual([])
  const kept = run.stdout.split('\n').filter((line) => line.startsWith('KEPT '))
  return { ...run, kept }
}

const whole = (name: string) => `KEPT ${name} ${600 * 1024} ${name}`
const old = (name: string) => `KEPT ${name} 3 o`

test('the project’s fills up: the file whose writes do not fit fails with ENOSPC, and no file of the project is lost', async () => {
  const run = await runOn('project', '1m')
  const statuses = ['a', 'b', 'none'].map((name) => moduleOf(run, `${name}.test.js`).status)
  expect(run.code, run.stderr).toBe(1)
  expect(statuses.toSorted(), run.stderr).toEqual(['failed', 'passed', 'passed'])
  const [failed, other] = statuses[0] === 'failed' ? ['a', 'b'] : ['b', 'a']
  expect(moduleOf(run, `${failed}.test.js`).message).toMatch(
    new RegExp(`${failed}\\.test\\.js wrote cannot be copied back: ENOSPC: .*/out/${failed}`),
  )
  expect(run.kept.toSorted()).toEqual([old(failed as string), whole(other as string)].toSorted())
})

test('the one in which writes are staged is too small: their files fail with ENOSPC, and what was there stays', async () => {
  const run = await runOn('temporary', '300k')
  for (const name of ['a', 'b'])
    expect(moduleOf(run, `${name}.test.js`).message, run.stderr).toMatch(
      /at export \(out\/.\): ENOSPC: .*\n.*Free some space there, or set TMPDIR/,
    )
  expect(moduleOf(run, 'none.test.js').status, run.stderr).toBe('passed')
  expect(run.code).toBe(1)
  expect(run.kept).toEqual([old('a'), old('b')])
})
