/** A file that asks for its limits is told those of its sandbox; it cannot change them. (On cgroup v2: test/cgroup2/limits.test.ts) */
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cli } from '../cli/cli.js'
import { createFixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'

const MiB = 2 ** 20

/** Prints what it is told; tries to write wherever it looks. */
const script = `
const { appendFileSync, mkdirSync, readdirSync, readFileSync } = require('node:fs')
const root = '/sys/fs/cgroup'
const attempt = (act) => { try { act(); return 'done' } catch ({ code }) { return code } }
console.log(JSON.stringify({
  constrained: process.constrainedMemory(),
  available: process.availableMemory?.() ?? 0,
  hierarchies: readdirSync(root).sort(),
  members: readFileSync(root + '/memory/cgroup.procs', 'utf8').trim().split('\\n').map(Number),
  pid: process.pid,
  writes: [
    attempt(() => appendFileSync(root + '/memory/memory.limit_in_bytes', '1000000000')),
    attempt(() => appendFileSync(root + '/memory/cgroup.procs', '0')),
    attempt(() => mkdirSync(root + '/memory/below')),
    attempt(() => mkdirSync(root + '/more')),
  ],
}))`

requires('root', 'cgroup1')

test.each(['spawn', 'fork'])('a process that is made by %s', async (worker) => {
  await using project = await createFixture({ as: 'root', vitest: '4.1', files: { 'ask.cjs': script } })
  const flags = ['run', '--memory', '300MiB', '--worker', worker, '--', 'ask.cjs']
  const { stdout } = await cli(flags, { cwd: project.dir })
  const told = JSON.parse(stdout)
  expect(told).toMatchObject({ constrained: 300 * MiB, writes: ['EROFS', 'EROFS', 'EROFS', 'EROFS'] })
  expect(told.available).toBeLessThan(300 * MiB)
  expect(told.hierarchies).toEqual(expect.arrayContaining(['cpu', 'memory', 'pids']))
  expect(told.members).toContain(told.pid)
})

test('positive control: outside, the same files say something else, and the runner could write them', () => {
  expect(process.constrainedMemory()).not.toBe(300 * MiB)
  const [, path = ''] = /^\d+:memory:(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8')) ?? []
  expect(existsSync(`/sys/fs/cgroup/memory${path}/memory.limit_in_bytes`)).toBe(true)
})
