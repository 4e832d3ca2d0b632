/** A session as adapters use it. */

import { availableParallelism } from 'node:os'
import type { FileRecord } from '@glovebox/core/adapter'
import { describe, expect, test } from 'vitest'
import { requires } from '../harness/requires.js'
import { roles } from './program.js'
import { play } from './session.js'

describe.each(roles)('as %s', (role) => {
  requires(role)

  test('messages of any size and kind cross; what cannot be cloned is refused at once', async () => {
    const { output } = await play(role, 'messages')
    expect(output).toEqual({
      whole: true,
      map: 0,
      refused: 'DataCloneError',
      refusedInside: 'DataCloneError',
      kind: 'passed-through',
    })
  })

  test('each file gets a sandbox of its own, prepared or not, and its wall clock from its assignment', async () => {
    const { output } = await play<{ seen: [boolean, string][]; walls: number[]; notices: string[] }>(
      role,
      'oneAfterTheOther',
    )
    expect(output.seen.map(([before]) => before)).toEqual([false, false, false, false])
    expect(new Set(output.seen.map(([, entry]) => entry)).size).toBe(1)
    for (const wall of output.walls) expect(wall).toBeGreaterThanOrEqual(30)
  })

  test('five files at once bind the same port', async () => {
    const { output } = await play(role, 'atOnce')
    expect(output).toEqual({
      answers: ['ok', 'ok', 'ok', 'ok', 'ok'],
      kinds: Array(5).fill('passed-through'),
    })
  })

  // An ordinary user has no quota of CPU time here.
  if (role === 'root')
    test('files that may use one CPU each do not share one while there are others', async () => {
      const options = { limits: { cpus: 0.7 } }
      const { output } = await play<string[]>(role, 'affinities', { options, maxWorkers: 4 })
      for (const allowed of output) expect(allowed).toMatch(/^\d+$/)
      expect(new Set(output).size).toBe(Math.min(4, availableParallelism()))
    })

  test('a gigabyte of output passes through a bounded memory', async () => {
    const { output } = await play<{ bytes: number; growth: number; kind: string }>(role, 'flood')
    expect(output.bytes).toBe(2 ** 30)
    expect(output.growth).toBeLessThan(200 * 2 ** 20)
    expect(output.kind).toBe('passed-through')
  })

  test('a worker that dies before its channel is used ends with its exit code and its stderr', async () => {
    const { output } = await play<FileRecord & { code: number; stderr: string }>(role, 'neverStarted')
    expect(output).toMatchObject({ code: 9, verdict: { kind: 'exited', code: 9 } })
    expect(output.stderr).toMatch(/no-such-flag/)
  })

  test('a supervisor that is killed is a sandbox error of the file that ran, and of the next', async () => {
    const { output } = await play(role, 'supervisorKilled')
    expect(output).toEqual({
      cause: { kind: 'supervisor-died', detail: expect.stringMatching(/was killed by SIGKILL/) },
      verdict: expect.objectContaining({ kind: 'sandbox-error', stage: 'supervisor' }),
      next: expect.stringMatching(/was killed by SIGKILL/),
    })
  })

  test('closing while sandboxes are made settles all of them', async () => {
    const { output } = await play<{ made: string[]; after: string }>(role, 'closedWhileMaking')
    for (const made of output.made) expect(['worker', 'GLOVEBOX_SANDBOX', 'GLOVEBOX_STATE']).toContain(made)
    expect(output.after).toBe('GLOVEBOX_STATE')
  })

  test('closing while a file runs ends it', async () => {
    const { output } = await play(role, 'closedWhileRunning')
    expect(output).toEqual({ cause: 'killed', verdict: 'killed' })
  })

  test('a session that nobody closes does not keep its process alive, and leaves nothing', async () => {
    const { output, status } = await play(role, 'neverClosed')
    expect({ output, status }).toEqual({ output: 'passed-through', status: 0 })
  })

  test('a missing supervisor is an error, or under warn a session without sandboxes', async () => {
    const missing = { GLOVEBOX_SUPERVISOR: '/nowhere' }
    await expect(play(role, 'messages', { env: missing })).rejects.toThrow(/GLOVEBOX_SUPERVISOR names a file/)
    const { output } = await play(role, 'messages', { env: missing, options: { onUnsupported: 'warn' } })
    expect(output).toMatchObject({ whole: true, kind: 'passed-through' })
  })
})

describe('without sandboxes', () => {
  requires('root')

  test('a time limit holds, and a daemon does not keep the file waiting', async () => {
    const options = { onUnsupported: 'warn', limits: { timeout: '1s' } }
    const env = { GLOVEBOX_SUPERVISOR: '/nowhere' }
    const looping = await play<FileRecord>('root', 'loop', { options, env })
    expect(looping.output.verdict).toMatchObject({ kind: 'timeout', limit: 1000 })
    const leaving = await play<FileRecord>('root', 'daemon', { options, env })
    expect(leaving.output.verdict).toEqual({ kind: 'passed-through' })
  })
})
