import { expect, test } from 'vitest'
import { briefReason, reasonOf } from './reason.js'

const v1 = 'memory: Permission denied; blkio: Permission denied; hugetlb: no cgroup v1 hierarchy is mounted'
const v2 = "not available to this process's cgroup: io, cpuset"

test('what is said of many controllers is said once', () => {
  expect(briefReason(v1)).toBe('Permission denied')
})

test('a single reason stays as it is', () => {
  expect(briefReason(v2)).toBe(v2)
  expect(briefReason('no cgroup hierarchy is mounted')).toBe('no cgroup hierarchy is mounted')
})

test('a controller has its own reason, also under its name on v1', () => {
  expect(reasonOf(v1, 'hugetlb')).toBe('no cgroup v1 hierarchy is mounted')
  expect(reasonOf(v1, 'io')).toBe('Permission denied')
  expect(reasonOf(v2, 'io')).toBe(v2)
})
