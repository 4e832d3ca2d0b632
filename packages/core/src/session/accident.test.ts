import { expect, test } from 'vitest'
import { endedWithout } from '../sandbox/decode-ending.js'
import type { Ending } from '../sandbox/ending.js'
import { howEnded, isAccident } from './accident.js'

const ending = (cause: Ending['cause'], more: Partial<Ending> = {}): Ending => ({
  ...endedWithout(cause),
  ...more,
})
const exit = { kind: 'exit' } as const
const noHits = { memory: 0, pids: 0, disk: false }

test.each<[string, Ending]>([
  ['a signal', ending(exit, { signal: 'SIGKILL' })],
  ['a crash', ending(exit, { signal: 'SIGSEGV' })],
  ['an exit', ending(exit, { code: 1 })],
  ['the death of the init', ending({ kind: 'init-died' })],
  ['a fork that failed late', ending({ kind: 'exec-failed', stage: 'template-died', errno: 0, path: '' })],
])('%s is an accident, where the file had not begun', (_, accident) => {
  expect(isAccident(accident, false)).toBe(true)
})

test.each<[string, Ending]>([
  ['the cap on memory', ending({ kind: 'memory' })],
  [
    'a process killed for want of memory',
    ending(exit, { signal: 'SIGKILL', hits: { ...noHits, memory: 1 } }),
  ],
  ['the limit of processes', ending(exit, { signal: 'SIGABRT', hits: { ...noHits, pids: 1 } })],
  ['a full disk', ending(exit, { code: 1, hits: { ...noHits, disk: true } })],
  ['the clock', ending({ kind: 'timeout' })],
  ['somebody who ended it', ending({ kind: 'killed', detail: 'the run was cancelled' })],
  ['a command that cannot be executed', ending({ kind: 'exec-failed', stage: 'exec', errno: 2, path: 'x' })],
  ['the death of the supervisor', ending({ kind: 'supervisor-died', detail: '' })],
])('%s is none: another worker would meet it, too', (_, other) => {
  expect(isAccident(other, false)).toBe(false)
})

test('a heap that was exhausted is none', () => {
  expect(isAccident(ending(exit, { signal: 'SIGABRT' }), true)).toBe(false)
})

test('how it ended is said in a few words', () => {
  expect(howEnded(ending(exit, { signal: 'SIGKILL' }))).toBe('SIGKILL')
  expect(howEnded(ending(exit, { code: 1 }))).toBe('exit code 1')
  expect(howEnded(ending({ kind: 'init-died' }))).toBe('the first process of its sandbox died')
  expect(howEnded(ending({ kind: 'exec-failed', stage: 'template-died', errno: 0, path: '' }))).toBe(
    'template-died',
  )
})
