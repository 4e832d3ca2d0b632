import { expect, test } from 'vitest'
import { hostFacts } from './host.fixture.js'
import { resolveLimits } from './limits.js'

const MiB = 2 ** 20
const host = hostFacts({ memoryTotal: 8192 * MiB, memoryAvailable: 4096 * MiB + 123 })

test('every file is capped by default', () => {
  expect(resolveLimits(undefined, host, 4)).toEqual({
    memory: 1024 * MiB,
    heap: 896 * MiB,
    swap: 0,
    cpus: undefined,
    cpuPeriod: 100_000,
    cpuWeight: undefined,
    cpuset: undefined,
    pids: 512,
    timeout: 300_000,
    disk: 1024 * MiB,
    openFiles: undefined,
    fileSize: undefined,
    coreSize: undefined,
    stackSize: undefined,
    io: [],
    hugetlb: {},
  })
})

test.each([
  [1, 4096],
  [0, 4096],
  [3, 1365],
  [64, 256],
])('%d workers share the memory that is available: %d MiB each', (workers, expected) => {
  expect(resolveLimits({}, host, workers).memory).toBe(expected * MiB)
})

test('the default is never more than the host has', () => {
  expect(resolveLimits({}, hostFacts({ memoryTotal: 100 * MiB, memoryAvailable: 50 * MiB }), 1).memory).toBe(
    100 * MiB,
  )
})

test('none takes a default away', () => {
  expect(resolveLimits({ memory: 'none', pids: 'none', timeout: 'none' }, host, 1)).toMatchObject({
    memory: undefined,
    pids: undefined,
    timeout: undefined,
  })
})

test('what is set stays', () => {
  const options = {
    memory: MiB,
    swap: 5,
    cpus: 0.5,
    cpuPeriod: 50_000,
    pids: 7,
    timeout: 9,
    disk: 3,
    openFiles: 4,
  }
  expect(resolveLimits(options, host, 1)).toMatchObject(options)
})

test('rates of one device from several layers are one rule, later ones on top', () => {
  const io = [
    { device: '8:0', readBps: 1, writeBps: 2 },
    { device: '8:16', readIops: 5 },
    { device: '8:0', readBps: 3, writeBps: undefined },
  ]
  expect(resolveLimits({ io }, host, 1).io).toEqual([
    { device: '8:0', readBps: 3, writeBps: 2 },
    { device: '8:16', readIops: 5 },
  ])
})
