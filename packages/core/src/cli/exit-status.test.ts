import { expect, test } from 'vitest'
import { endingOf } from '../../../../test/cli/endings.js'
import type { Ending } from '../sandbox/ending.js'
import { exitStatus, ofSignal } from './exit-status.js'

const execFailed = (stage: string, errno: number): Partial<Ending> => ({
  cause: { kind: 'exec-failed', stage, errno, path: '/bin/x' },
  code: undefined,
})

test.each<[what: string, ending: Partial<Ending>, status: number]>([
  ['the command’s own code', { code: 3 }, 3],
  ['128+n for a signal', { code: undefined, signal: 'SIGTERM' }, 143],
  ['128+n for a real-time signal', { code: undefined, signal: 'SIGRTMIN+2' as NodeJS.Signals }, 164],
  ['124 at the timeout', { cause: { kind: 'timeout' }, code: undefined, signal: 'SIGKILL' }, 124],
  ['137 at the memory limit', { cause: { kind: 'memory' }, code: undefined }, 137],
  ['137 when killed by request', { cause: { kind: 'killed', detail: '' }, code: undefined }, 137],
  ['127 for a command that is not there', execFailed('execute', 2), 127],
  ['126 for one that may not be executed', execFailed('execute', 13), 126],
  ['126 for one of another architecture', execFailed('execute', 8), 126],
  ['125 when the start failed before that', execFailed('chdir', 2), 125],
  ['125 when init died', { cause: { kind: 'init-died' }, code: undefined }, 125],
  ['125 when the supervisor died', { cause: { kind: 'supervisor-died', detail: '' }, code: undefined }, 125],
])('%s', (_, ending, status) => {
  expect(exitStatus(endingOf(ending))).toBe(status)
})

test('signals have their numbers', () => {
  expect([ofSignal('SIGHUP'), ofSignal('SIGKILL'), ofSignal('SIGSEGV')]).toEqual([129, 137, 139])
})
