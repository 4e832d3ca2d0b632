/** The native unit tests of cgroups and sampling on a kernel with cgroup v2, each case a test. */
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildUnit } from '../../native/test/programs.mjs'
import { type Outcome, parseTap, titlesOf } from '../../native/test/tap.mjs'
import { type Caller, inMachine, requiresMachine } from './machine.js'

interface Run {
  title: string
  caller: Caller
  backend: 'uml' | 'qemu'
  /** What the base must turn out to be, with memory, cpu and pids, if it is any. */
  version?: 0 | 2
  /** Shell commands before. */
  setup?: string
  programs: readonly ('cgroup-limits' | 'cgroup-devices' | 'cgroup-base' | 'sample')[]
  /** Without a cgroup nearly all would skip. */
  only?: readonly string[]
}

const diskOfVarTmp = '. test/cgroup2/disk.sh; mount --bind /mnt /var/tmp'

const runs: readonly Run[] = [
  {
    title: 'root',
    caller: 'root',
    backend: 'uml',
    version: 2,
    setup: diskOfVarTmp,
    programs: ['cgroup-limits', 'cgroup-devices', 'cgroup-base', 'sample'],
  },
  {
    title: 'a user with a delegated cgroup',
    caller: 'a user with a delegated cgroup',
    backend: 'uml',
    version: 2,
    programs: ['cgroup-limits', 'cgroup-devices', 'cgroup-base', 'sample'],
  },
  {
    title: 'a user without delegation',
    caller: 'a user without delegation',
    backend: 'uml',
    version: 0,
    programs: ['cgroup-base'],
    only: ['the version is the expected one'],
  },
  // Emulated, and so an older kernel, cpuset, huge pages and two CPUs as well.
  {
    title: 'root, on an older kernel with every controller',
    caller: 'root',
    backend: 'qemu',
    version: 2,
    setup: diskOfVarTmp,
    programs: ['cgroup-limits', 'cgroup-devices', 'cgroup-base'],
  },
  {
    title: 'root, with co-mounted controllers of version 1',
    caller: 'root',
    backend: 'uml',
    setup: '. test/cgroup2/hybrid.sh; grep -q cpu,cpuacct /proc/self/cgroup || exit 1',
    programs: ['cgroup-limits', 'cgroup-devices', 'cgroup-base'],
  },
]

if (requiresMachine('cc', 'apt:e2fsprogs')) {
  const built = new Map<string, { path: string; titles: string[] }>()
  for (const program of ['cgroup-limits', 'cgroup-devices', 'cgroup-base', 'sample'] as const) {
    const path = await buildUnit(program)
    built.set(program, { path, titles: await titlesOf(path) })
  }
  describe.each(runs)('$title', ({ caller, backend, version, setup, programs, only = [] }) => {
    const outcomes = new Map<string, Map<string, Outcome>>()
    let output = ''
    beforeAll(async () => {
      const paths = programs.map((program) => built.get(program)?.path)
      const expected = version === undefined ? '' : `GBTEST_VERSION=${version}`
      const titles = only.map((title) => `'${title}'`).join(' ')
      const command = paths.map((path) => `echo '## ${path}'; ${expected} ${path} ${titles}`)
      output = (await inMachine(caller, [...(setup ? [setup] : []), ...command].join('; '), { backend }))
        .output
      for (const part of output.split('## ').slice(1))
        outcomes.set(part.split('\n', 1)[0] ?? '', parseTap(part))
    }, 200_000)

    describe.each(programs)('%s', (program) => {
      const { path = join('/', program), titles = [] } = built.get(program) ?? {}
      test.for(only.length > 0 ? only : titles)('%s', (title, context) => {
        const outcome = outcomes.get(path)?.get(title)
        if (outcome?.skipped !== undefined) context.skip(outcome.skipped)
        expect(outcome?.passed, outcome?.notes ?? output).toBe(true)
      })
    })
  })
} else {
  test('native unit tests on cgroup v2', () => {})
}
