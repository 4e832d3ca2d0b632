import { expect, test } from 'vitest'
import { hostFacts } from '../plan/host.fixture.js'
import { checkLayer, checkMerged } from './constraints.js'
import type { ParsedFileOptions } from './parsed-options.js'

const GiB = 2 ** 30
const context = {
  host: hostFacts({
    memoryTotal: 8 * GiB,
    cpus: [0, 1, 4],
    openFilesMax: 4096,
    coreSizeMax: 0.5 * GiB,
    fileSizeMax: GiB,
    stackSizeMax: 2 ** 23,
  }),
  runsTests: true,
}

test.each<[options: ParsedFileOptions, key: string, message: string]>([
  [{ limits: { swap: GiB } }, 'limits.swap', 'has no meaning without limits.memory'],
  [{ limits: { swap: GiB, memory: 'none' } }, 'limits.swap', 'has no meaning without limits.memory'],
  [{ limits: { cpuPeriod: 50_000 } }, 'limits.cpuPeriod', 'has no meaning without limits.cpus'],
  [{ limits: { cpus: 0.05, cpuPeriod: 10_000 } }, 'limits.cpus', 'is less than 1 ms of each period of 10 ms'],
  [{ limits: { memory: 9 * GiB } }, 'limits.memory', 'is more than this host has to give (8 GiB)'],
  [{ limits: { cpus: 4 } }, 'limits.cpus', 'is more than this host has to give (3)'],
  [{ limits: { cpuset: '0-4' } }, 'limits.cpuset', 'names CPUs that this host does not have (2,3)'],
  [{ limits: { cpuset: '0-99999999999' } }, 'limits.cpuset', 'names CPUs that this host does not have'],
  [{ limits: { cpuset: '1-0' } }, 'limits.cpuset', 'has an empty range (1-0)'],
  [{ limits: { openFiles: 5000 } }, 'limits.openFiles', 'is more than this host has to give (4096)'],
  [{ limits: { fileSize: 2 * GiB } }, 'limits.fileSize', 'is more than this host has to give (1 GiB)'],
  [{ limits: { coreSize: GiB } }, 'limits.coreSize', 'is more than this host has to give (512 MiB)'],
  [{ limits: { stackSize: 2 ** 24 } }, 'limits.stackSize', 'is more than this host has to give (8 MiB)'],
  [{ limits: { memory: 16 * 2 ** 20 } }, 'limits.memory', 'is too little for Node.js itself'],
  [{ limits: { pids: 8 } }, 'limits.pids', 'is too little for Node.js itself'],
  [{ limits: { openFiles: 16 } }, 'limits.openFiles', 'is too little for Node.js itself'],
])('%j is refused', (options, key, message) => {
  expect(checkMerged(options, context)).toContainEqual(
    expect.objectContaining({ key, message: expect.stringContaining(message) }),
  )
})

test.each<ParsedFileOptions>([
  {},
  { limits: { swap: 0 } },
  { limits: { swap: GiB, memory: GiB } },
  { limits: { cpus: 3, cpuPeriod: 1_000_000, cpuset: '0-1,4', memory: 8 * GiB, openFiles: 4096 } },
  { limits: { memory: 'none', pids: 'none', timeout: 'none' } },
])('%j is accepted', (options) => {
  expect(checkMerged(options, context)).toEqual([])
})

test('a command that is no test runner may be given less than Node.js needs', () => {
  expect(
    checkMerged({ limits: { memory: 2 ** 20, pids: 1, openFiles: 8 } }, { ...context, runsTests: false }),
  ).toEqual([])
})

test.each<[options: ParsedFileOptions, key: string, message: string]>([
  [
    { filesystem: { persist: ['a'], project: 'readonly' } },
    'filesystem.persist',
    'with filesystem.project: readonly',
  ],
  [
    { filesystem: { persist: ['a'], project: 'direct' } },
    'filesystem.persist',
    'with filesystem.project: direct',
  ],
  [{ filesystem: { writable: ['/a'], hide: ['/a'] } }, 'filesystem.writable', 'is also in filesystem.hide'],
  [{ filesystem: { readonly: ['/a'], hide: ['/a'] } }, 'filesystem.readonly', 'is also in filesystem.hide'],
  [
    { filesystem: { writable: ['/a'], readonly: ['/a'] } },
    'filesystem.writable',
    'is also in filesystem.readonly',
  ],
  [{ env: { set: { A: '1' }, unset: ['A'] } }, 'env.unset', 'is also set by env.set'],
])('%j contradicts itself', (options, key, message) => {
  expect(checkLayer(options)).toEqual([
    expect.objectContaining({ key, message: expect.stringContaining(message), remedy: expect.any(String) }),
  ])
})
