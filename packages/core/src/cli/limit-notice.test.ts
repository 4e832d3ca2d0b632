import { expect, test } from 'vitest'
import { endingOf, limitsOf } from '../../../../test/cli/endings.js'
import type { Limits } from '../plan/profile.js'
import type { Ending } from '../sandbox/ending.js'
import { limitNotice } from './limit-notice.js'

const MiB = 2 ** 20

test.each<[what: string, ending: Partial<Ending>, limits: Partial<Limits>, sentence: string | undefined]>([
  [
    'memory',
    { cause: { kind: 'memory' }, usage: { memoryPeak: 256 * MiB } },
    { memory: 256 * MiB },
    'make was killed at its memory limit of 256 MiB (peak 256 MiB); raise it with --memory 512MiB',
  ],
  [
    'memory of the machine',
    { cause: { kind: 'memory' } },
    {},
    'make was killed: the machine ran out of memory',
  ],
  [
    'timeout',
    { cause: { kind: 'timeout' } },
    { timeout: 30000 },
    'make was killed at its timeout of 30s; raise it with --timeout 1m',
  ],
  [
    'pids',
    { code: 1, hits: { memory: 0, pids: 3, disk: false }, usage: { pidsPeak: 64 } },
    { pids: 64 },
    'make was refused 3 new processes at its limit of 64, peak 64; raise it with --pids 128',
  ],
  [
    'disk',
    { code: 1, hits: { memory: 0, pids: 0, disk: true } },
    { disk: 64 * MiB },
    'make filled its private file systems (64 MiB); raise the limit with --disk 128MiB',
  ],
  [
    'a child at the memory limit',
    { code: 2, hits: { memory: 1, pids: 0, disk: false } },
    { memory: 64 * MiB },
    'a process of make was killed at the memory limit of 64 MiB; raise it with --memory 128MiB',
  ],
  ['an ordinary failure', { code: 1 }, { pids: 64 }, undefined],
  [
    'a success in spite of refused forks',
    { hits: { memory: 0, pids: 3, disk: false } },
    { pids: 64 },
    undefined,
  ],
  [
    'a command that is not there',
    { cause: { kind: 'exec-failed', stage: 'execute', errno: 2, path: 'make' }, code: undefined },
    {},
    'make cannot be executed: ENOENT',
  ],
  [
    'a working directory that is not there',
    { cause: { kind: 'exec-failed', stage: 'chdir', errno: 2, path: '/x' }, code: undefined },
    {},
    'make was not started: chdir failed with ENOENT (/x)',
  ],
])('%s: one sentence with limit, peak and flag', (_, ending, limits, sentence) => {
  expect(limitNotice(endingOf(ending), limitsOf(limits), 'make')).toBe(sentence)
})
