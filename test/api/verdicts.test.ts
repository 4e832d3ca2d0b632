/** How a file's worker ended, judged. */
import type { FileRecord } from '@glovebox/core/adapter'
import { describe, expect, test } from 'vitest'
import { requires } from '../harness/requires.js'
import { roles } from './program.js'
import { play } from './session.js'

const MiB = 2 ** 20

describe.each(roles)('as %s', (role) => {
  requires(role)

  test.each([
    ['exit', { kind: 'exited', code: 3 }],
    ['abort', { kind: 'crashed', signal: 'SIGABRT', heapExhausted: false }],
    ['killItself', { kind: 'killed', signal: 'SIGKILL', by: 'unknown' }],
    ['throwLater', { kind: 'exited', code: 1 }],
    ['garbage', { kind: 'killed', by: 'glovebox', detail: expect.stringMatching(/message channel broke/) }],
  ])('%s', async (scenario, verdict) => {
    const { output } = await play<FileRecord>(role, scenario)
    expect(output.verdict).toMatchObject(verdict)
  })

  test('what the worker said last on stderr is handed over', async () => {
    const { output } = await play<FileRecord & { stderr: string }>(role, 'throwLater')
    expect(output.stderr).toMatch(/Error: late/)
  })

  test('memory, as set for this file alone', async () => {
    const options = { overrides: [{ files: 'a.test.ts', limits: { memory: '120MiB' } }] }
    const { output } = await play<FileRecord>(role, 'hog', { options })
    expect(output.verdict).toMatchObject({ kind: 'memory-limit', limit: 120 * MiB, kills: 1 })
    expect(output.usage.memoryPeak).toBeGreaterThan(60 * MiB)
  })

  test('memory hardly above what an idle Node.js process needs', async () => {
    const { output } = await play<FileRecord>(role, 'hog', {
      options: { overrides: [{ files: 'a.test.ts', limits: { memory: '32MiB' } }] },
    })
    expect(output.verdict).toMatchObject({ kind: 'memory-limit', limit: 32 * MiB })
  })

  test('memory of a child, while the worker itself is idle', async () => {
    const { output } = await play<FileRecord>(role, 'hogInChild', {
      options: { limits: { memory: '150MiB' } },
    })
    expect(output.verdict).toMatchObject({ kind: 'memory-limit', limit: 150 * MiB, kills: 1 })
  })

  test('time, as a docblock sets it, for a loop that never yields', async () => {
    const { output } = await play<FileRecord>(role, 'loop', {
      files: { 'a.test.ts': '/** @glovebox-timeout 700ms */\n' },
    })
    expect(output.verdict).toMatchObject({ kind: 'timeout', limit: 700 })
  })

  test("V8's own heap limit", async () => {
    const { output } = await play<FileRecord>(role, 'heap')
    expect(output.verdict).toMatchObject({ kind: 'crashed', heapExhausted: true })
  })

  test('a process that is left running fails the file if leaks do', async () => {
    const { output } = await play<FileRecord>(role, 'leak', { options: { leaks: 'fail' } })
    expect(output.verdict).toMatchObject({ kind: 'leaked' })
    expect(output.leaks).toEqual([expect.objectContaining({ kind: 'process', command: 'sleep 1000' })])
  })

  test('a process that is left running is reported by default', async () => {
    const { output } = await play<FileRecord>(role, 'leak')
    expect(output.verdict).toEqual({ kind: 'passed-through' })
    expect(output.leaks).toHaveLength(1)
  })

  test('a worker that is done but will not end is killed, and its file is as the runner says', async () => {
    const { output } = await play<FileRecord>(role, 'stubborn')
    expect(output.verdict).toEqual({ kind: 'passed-through' })
  })
})

describe('as root', () => {
  requires('root')

  test('forks that were refused to a file that failed', async () => {
    const { output } = await play<FileRecord & { result: boolean }>('root', 'pids', {
      options: { limits: { pids: 30 } },
    })
    expect(output.result).toBe(true)
    expect(output.verdict).toMatchObject({ kind: 'pids-limit', limit: 30, peak: 30 })
  })
})
