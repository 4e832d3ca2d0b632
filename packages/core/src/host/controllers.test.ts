import { expect, test } from 'vitest'
import { mergeControllers } from './controllers.js'
import { mountsBelowProc } from './probe.js'

const header = '#subsys_name\thierarchy\tnum_cgroups\tenabled\n'

test('v1 hierarchies by their numbers, with today’s names', () => {
  const cgroups = `${header}memory\t4\t36\t1\nblkio\t7\t1\t1\nhugetlb\t0\t1\t1\npids\t8\t1\t0\n`
  expect(mergeControllers(cgroups, '', '')).toEqual([
    { name: 'memory', version: 'v1' },
    { name: 'io', version: 'v1' },
  ])
})

test('v2 by cgroup.controllers, also what /proc/cgroups no longer lists', () => {
  const cgroups = `${header}memory\t0\t36\t1\n`
  expect(
    mergeControllers(cgroups, '', 'cpuset cpu io memory pids\n').map(
      ({ name, version }) => `${name} ${version}`,
    ),
  ).toEqual(['cpuset v2', 'cpu v2', 'io v2', 'memory v2', 'pids v2'])
})

test('mounts alone tell of v1 where /proc/cgroups is hidden', () => {
  const mountinfo = '34 31 0:31 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n'
  expect(mergeControllers('', mountinfo, '').map(({ name }) => name)).toEqual(['cpu', 'cpuacct'])
})

test('only what is mounted below /proc masks it', () => {
  expect(mountsBelowProc(['/', '/proc', '/proc/kcore', '/proc/sys/fs/binfmt_misc', '/processes'])).toEqual([
    '/proc/kcore',
  ])
})
