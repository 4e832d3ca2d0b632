import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readHostFacts } from '../host/facts.js'
import { createPlanner, type Planner, type PlannerInput } from './planner.js'

const MiB = 2 ** 20
const host = readHostFacts()

let root: string
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'planner-')))
})
afterEach(() => rmSync(root, { recursive: true }))

function planner(options: unknown = {}, changes: Partial<PlannerInput> = {}): Planner {
  const runner = {
    maxWorkers: 2,
    env: { PATH: '/usr/bin' },
    visible: [],
    shared: [],
    persist: ['**/__snapshots__/**'],
  }
  return createPlanner({ options, source: 'vitest.config.ts', root, host, runner, ...changes })
}

function testFile(name: string, contents = ''): string {
  writeFileSync(join(root, name), contents)
  return join(root, name)
}

function messageOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    expect(error).toMatchObject({ code: 'GLOVEBOX_CONFIG' })
    return (error as Error).message
  }
  throw new Error('nothing was thrown')
}

test('the base profile is the defaults: sealed, capped, project as an overlay', () => {
  const { base, project, notices } = planner()
  expect(project).toBe(root)
  expect(base).toMatchObject({
    network: 'none',
    hostname: 'glovebox',
    cwd: root,
    user: 'caller',
    strictWrites: 'report',
    leaks: 'report',
  })
  expect(base.limits).toMatchObject({ pids: 512, timeout: 300_000, swap: 0 })
  expect(base.mounts).toContainEqual({ type: 'overlay', source: root, target: root })
  expect(base.persist).toEqual([`${root}/**/__snapshots__/**`])
  expect(notices).toEqual([])
})

test('a file gets options, then overrides in order, then its docblock', () => {
  const options = {
    limits: { memory: '64MiB', pids: 100, timeout: '1m' },
    filesystem: { persist: ['all/**'] },
    overrides: [
      {
        files: '**/*.slow.test.ts',
        limits: { timeout: '2m', pids: 200 },
        filesystem: { persist: ['slow/**'] },
      },
      { files: ['*.test.ts'], limits: { pids: 300 } },
      { files: 'other/**', limits: { pids: 400 } },
    ],
  }
  const file = testFile('a.slow.test.ts', '/** @glovebox-memory 128MiB */')
  const profile = planner(options).profile(file)
  expect(profile.limits).toMatchObject({ memory: 128 * MiB, pids: 300, timeout: 120_000 })
  expect(profile.persist).toEqual([`${root}/**/__snapshots__/**`, `${root}/all/**`, `${root}/slow/**`, file])
})

test('what only one file asks for leaves the base as it was', () => {
  const plan = planner()
  expect(plan.profile(testFile('a.test.ts', '/** @glovebox-network host */')).network).toBe('host')
  expect(plan.base.network).toBe('none')
  expect(plan.profile(testFile('b.test.ts')).network).toBe('none')
})

test('nothing persists from a project that is no overlay', () => {
  expect(planner({ filesystem: { project: 'readonly' } }).profile(testFile('a.test.ts')).persist).toEqual([])
})

test('the project is the workspace above the root; paths stay relative to the root', () => {
  const packageRoot = join(root, 'packages/a')
  mkdirSync(packageRoot, { recursive: true })
  writeFileSync(join(root, 'pnpm-workspace.yaml'), '')
  const plan = planner({ filesystem: { persist: ['out/**'] } }, { root: packageRoot })
  expect(plan.project).toBe(root)
  expect(plan.base.cwd).toBe(packageRoot)
  expect(plan.base.persist).toContain(`${packageRoot}/out/**`)
})

test('a root that is a symlink is the project that it leads to', () => {
  mkdirSync(join(root, 'real'))
  symlinkSync(join(root, 'real'), join(root, 'link'))
  const plan = planner({}, { root: join(root, 'link') })
  expect(plan.project).toBe(join(root, 'real'))
  expect(plan.base.cwd).toBe(join(root, 'real'))
})

test('a working directory that the sandbox does not show gives way to the root', () => {
  const elsewhere = realpathSync(mkdtempSync(join(tmpdir(), 'elsewhere-')))
  try {
    expect(planner({}, { cwd: elsewhere }).base.cwd).toBe(root)
    expect(planner({}, { cwd: '/usr' }).base.cwd).toBe('/usr')
  } finally {
    rmSync(elsewhere, { recursive: true })
  }
})

test('a command without a runner in another root has no project', () => {
  mkdirSync(join(root, 'rootfs'))
  const { base } = createPlanner({ options: { root: 'rootfs' }, source: 'command line', root, host })
  expect(base.mounts[0]).toEqual({ type: 'overlay', source: join(root, 'rootfs'), target: '/' })
  expect(base.mounts.filter((mount) => mount.type === 'overlay')).toHaveLength(1)
  expect(base.cwd).toBe('/')
})

test('problems of the merged options name the place that they come from', () => {
  expect(messageOf(() => planner({ limits: { swap: '1GiB' } }))).toContain(
    "vitest.config.ts: limits.swap: '1 GiB' has no meaning without limits.memory. Set limits.memory as well.",
  )
  expect(
    messageOf(() => planner({ overrides: [{ files: 'a' }, { files: 'b', limits: { memory: '900TiB' } }] })),
  ).toContain('vitest.config.ts: overrides[1].limits.memory: ')
  const file = testFile('a.test.ts', '/**\n * @glovebox-cpus 9999\n */')
  expect(messageOf(() => planner().profile(file))).toContain(
    `${file}: line 2: @glovebox-cpus: 9999 is more than this host has to give`,
  )
})

test('what the docblock supplies mends what the options lack', () => {
  const file = testFile('a.test.ts', '/**\n * @glovebox-cpus 0.5\n * @glovebox-cpu-period 20ms\n */')
  expect(planner().profile(file).limits).toMatchObject({ cpus: 0.5, cpuPeriod: 20_000 })
})

test.each([
  [{ filesystem: { writable: ['missing'] } }, "filesystem.writable: 'missing' does not exist"],
  [
    { filesystem: { readonly: ['~/missing-for-sure'] } },
    "filesystem.readonly: '~/missing-for-sure' does not exist",
  ],
  [{ filesystem: { hide: ['.'] } }, "filesystem.hide: '.' is the project itself"],
  [{ filesystem: { hide: ['/'] } }, "filesystem.hide: '/' is what every sandbox needs"],
  [{ filesystem: { hide: ['/usr'] } }, "filesystem.hide: '/usr' is what every sandbox needs"],
  [{ root: 'missing' }, "root: 'missing' is not a directory"],
])('%j is refused', (options, part) => {
  expect(messageOf(() => planner(options))).toContain(`vitest.config.ts: ${part}`)
})

test.each<[options: unknown, part: string]>([
  [{ limits: { io: ['4095:7 readBps=1MiB'] } }, "limits.io: '4095:7' is no block device of this host"],
  [{ limits: { hugetlb: { '3MB': '3MiB' } } }, "limits.hugetlb: '3MB' is no size of huge pages on this host"],
])('%j names what this host does not have', (options, part) => {
  expect(messageOf(() => planner(options))).toContain(`vitest.config.ts: ${part}`)
})

test('an overlay over other file systems is refused, readonly and direct are not', () => {
  const mounted = { host: { ...host, mountPoints: ['/', root, `${root}/node_modules`] } }
  expect(messageOf(() => planner({}, mounted))).toContain(
    `filesystem.project: 'overlay' cannot be laid over ${root}, since ${root}/node_modules is a file system of its own`,
  )
  expect(planner({ filesystem: { project: 'direct' } }, mounted).base.mounts).toContainEqual({
    type: 'bind',
    source: root,
    target: root,
  })
})

test('with onUnsupported: warn the project is direct where it cannot be an overlay, and a notice says why', () => {
  const direct = { type: 'bind', source: root, target: root }
  const mounted = { host: { ...host, mountPoints: ['/', root, `${root}/node_modules`] } }
  const below = planner({ onUnsupported: 'warn' }, mounted)
  expect(below.base.mounts).toContainEqual(direct)
  expect(below.base.persist).toEqual([])
  expect(below.notices).toEqual([
    expect.stringMatching(/^filesystem\.project is direct: .*node_modules is a file system of its own/),
  ])
  const refused = planner({ onUnsupported: 'warn' }, { overlayRefused: 'cannot be laid (EINVAL)' })
  expect(refused.base.mounts).toContainEqual(direct)
  expect(refused.notices).toEqual([expect.stringContaining('cannot be laid (EINVAL)')])
  const readonly = { onUnsupported: 'warn', filesystem: { project: 'readonly' } }
  expect(planner(readonly, mounted).base.mounts).toContainEqual({ ...direct, readonly: true })
  expect(planner(readonly, mounted).notices).toEqual([])
})

test('an overlay over / is refused', () => {
  expect(messageOf(() => planner({}, { root: '/' }))).toContain(
    "filesystem.project: 'overlay' cannot be laid over /",
  )
})

test('a path to hide that is not there is noticed, also in an override', () => {
  const plan = planner({ overrides: [{ files: 'a', filesystem: { hide: ['sekrets'] } }] })
  expect(plan.notices).toEqual([expect.stringContaining('filesystem.hide: sekrets does not exist')])
})

test('ignored pragmas are noticed, once', () => {
  const plan = planner()
  const file = testFile('a.test.ts', '// first\n/** @glovebox-memory 64MiB */')
  plan.profile(file)
  plan.profile(file)
  expect(plan.notices).toEqual([expect.stringContaining(`${file}: line 2: @glovebox-memory is ignored`)])
})

test('overrides that matched no file are named', () => {
  const plan = planner({ overrides: [{ files: '*.test.ts' }, { files: '*.none.ts' }] })
  expect(plan.unmatchedOverrides([join(root, 'a.test.ts')])).toEqual([
    expect.stringContaining('overrides[1].files: *.none.ts'),
  ])
})

test('what a trial changes wins over the docblock of the file, and the rest of it stays', () => {
  const file = testFile('a.test.ts', '/** @glovebox-cpus 2\n @glovebox-memory 128MiB */')
  const { profile, base } = planner({}, { forced: { limits: { cpus: 0.5 } } })
  expect(profile(file).limits).toMatchObject({ cpus: 0.5, memory: 128 * MiB })
  expect(base.limits.cpus).toBe(0.5)
  expect(messageOf(() => planner({}, { forced: { hostnme: 'x' } }))).toContain('trial')
})

test('the quarantine excuses failures of a run, and none of a trial', () => {
  const file = testFile('a.test.ts')
  const entries = [{ file: 'a.test.ts', owner: 'ada', reason: 'issue 12', expires: '2999-12-31' }]
  testFile('glovebox.quarantine.json', JSON.stringify({ version: 1, entries }))
  const failures = [{ test: 'adds', message: 'no' }]
  expect(planner().excuse(file, failures)).toMatchObject({ owner: 'ada' })
  expect(planner({}, { forced: {} }).excuse(file, failures)).toBeUndefined()
})
