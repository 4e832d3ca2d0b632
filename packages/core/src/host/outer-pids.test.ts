import { expect, test } from 'vitest'
import { groupsAbove } from './outer-pids.js'

const v1 = { cgroup: 'v1', cgroupPath: '/sys/fs/cgroup/memory/x/glovebox.1-a', privileged: true } as const
const mountsV1 = [
  '30 1 0:25 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct',
  '31 1 0:26 / /sys/fs/cgroup/pids rw,relatime shared:4 - cgroup cgroup rw,pids',
  '32 1 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
].join('\n')
const mountsV2 = '30 1 0:25 / /sys/fs/cgroup rw,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate'

test('of version 1, those above this process in the hierarchy of pids', () => {
  const membership = '9:cpu,cpuacct:/else\n8:pids:/ci/job\n0::/unified'
  expect(groupsAbove(v1, membership, mountsV1)).toEqual([
    '/sys/fs/cgroup/pids/ci/job',
    '/sys/fs/cgroup/pids/ci',
    '/sys/fs/cgroup/pids',
  ])
})

test('a container may see the hierarchy from its own directory on only', () => {
  const mount = '31 1 0:26 /docker/1 /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids'
  expect(groupsAbove(v1, '8:pids:/docker/1', mount)).toEqual(['/sys/fs/cgroup/pids'])
  expect(groupsAbove(v1, '8:pids:/docker/2', mount)).toEqual([])
})

test('of version 2, those above the sandboxes, wherever this process is', () => {
  const cgroupPath = '/sys/fs/cgroup/user/run.scope/glovebox.1-a'
  expect(groupsAbove({ cgroup: 'v2', cgroupPath, privileged: false }, '0::/login', mountsV2)).toEqual([
    '/sys/fs/cgroup/user/run.scope',
    '/sys/fs/cgroup/user',
    '/sys/fs/cgroup',
  ])
})

test('without sandboxes in cgroups, those of this process', () => {
  const none = { cgroup: 'none', cgroupPath: undefined, privileged: false } as const
  expect(groupsAbove(none, '0::/login', mountsV2)).toEqual(['/sys/fs/cgroup/login', '/sys/fs/cgroup'])
  expect(groupsAbove(none, '', '')).toEqual([])
})
