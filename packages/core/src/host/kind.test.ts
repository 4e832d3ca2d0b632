import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { readHostKind } from './kind.js'

const roots: string[] = []
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true })
})

test('Ubuntu is told from its os-release, with its AppArmor setting', () => {
  const root = rootWith({
    'etc/os-release': 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n',
    'proc/sys/kernel/apparmor_restrict_unprivileged_userns': '1\n',
    'proc/sys/user/max_user_namespaces': '63000\n',
    'proc/1/comm': 'systemd\n',
    'run/user/1000/systemd/private': '',
    'sys/fs/cgroup/cgroup.controllers': 'cpu memory pids\n',
  })
  expect(readHostKind({}, root, 1000)).toMatchObject({
    distribution: 'ubuntu',
    version: '24.04',
    like: ['ubuntu', 'debian'],
    container: 'none',
    root: false,
    cgroups: 'v2',
    seccompFiltered: false,
    systemd: true,
    systemdUser: true,
    sysctls: { apparmorRestrictsUserns: 1, unprivilegedUsernsClone: undefined, maxUserNamespaces: 63000 },
  })
})

test.each([
  ['glovebox', {}, { 'proc/1/comm': 'glovebox-superv\n', '.dockerenv': '' }],
  ['docker', {}, { '.dockerenv': '' }],
  ['podman', {}, { 'run/.containerenv': '' }],
  ['kubernetes', { KUBERNETES_SERVICE_HOST: '10.0.0.1' }, { '.dockerenv': '' }],
  ['lxc', { container: 'lxc' }, {}],
  ['other', {}, { 'run/systemd/container': 'systemd-nspawn\n' }],
  ['none', {}, {}],
] as const)('container: %s', (container, env, files) => {
  expect(readHostKind(env, rootWith(files), 0).container).toBe(container)
})

test('an inherited seccomp filter and hybrid cgroups are seen', () => {
  const root = rootWith({
    'proc/self/status': 'Name:\tnode\nSeccomp:\t2\n',
    'sys/fs/cgroup/memory/tasks': '',
  })
  expect(readHostKind({}, root, 0)).toMatchObject({ seccompFiltered: true, cgroups: 'v1', root: true })
})

test('an empty root yields unknowns, not errors', () => {
  expect(readHostKind({ GITHUB_ACTIONS: 'true' }, rootWith({}), 5)).toMatchObject({
    distribution: 'linux',
    cgroups: 'none',
    githubActions: true,
    sysctls: { maxUserNamespaces: undefined },
  })
})

function rootWith(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'gbtest-kind-'))
  roots.push(root)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return root
}
