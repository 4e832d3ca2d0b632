/** Promise 3: however a file's process ends, the file gets a verdict: never a mystery, a hang, or a pass for one that was killed. */
import type { FileRecord, Verdict } from '@glovebox/core/adapter'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { endProcesses, leftovers, markedProcesses, type Snapshot, snapshot } from '../harness/leftovers.js'
import { moduleOf, type Run } from '../harness/run-runner.js'
import { startVitest } from '../harness/run-vitest.js'
import { type AnyCell, cells, describeCells, jestCells } from './cells.js'
import { messagesOf, recordsOf, testsOf } from './report.js'
import { createProject, startTests } from './runner.js'

const deaths: { name: string; verdict: Partial<Verdict>; culprit: string; message: RegExp }[] = [
  {
    name: 'really-exit',
    verdict: { kind: 'exited', code: 0 },
    culprit: 'leaves with a good exit code, past every guard of the runner',
    message: /exit/,
  },
  { name: 'abort', verdict: { kind: 'crashed', signal: 'SIGABRT' }, culprit: 'aborts', message: /SIGABRT/ },
  {
    name: 'sigsegv',
    verdict: { kind: 'crashed', signal: 'SIGSEGV' },
    culprit: 'sends itself SIGSEGV',
    message: /SIGSEGV/,
  },
  {
    name: 'sigkill',
    verdict: { kind: 'killed', signal: 'SIGKILL', by: 'unknown' },
    culprit: 'sends itself SIGKILL',
    message: /SIGKILL/,
  },
]

describeCells<AnyCell>([...cells, ...jestCells], (cell, available) => {
  let before: Snapshot
  let run: Run
  let marker: string
  let records: Map<string, FileRecord>
  beforeAll(async () => {
    if (!available) return
    await using project = await createProject(cell, 'ends')
    before = snapshot()
    const started = startTests(cell, { cwd: project.dir, exclude: 'jest' in cell ? ['message.test.js'] : [] })
    marker = started.marker
    run = await started.done
    records = await recordsOf(project)
  })
  afterAll(() => endProcesses(marker))

  describe.each(deaths)('$name', ({ name, verdict, culprit, message }) => {
    const file = `${name}.test.js`

    test('fails as that file, with the verdict and the tests that had finished', () => {
      expect(moduleOf(run, file).status).toBe('failed')
      expect(records.get(file)?.verdict).toMatchObject(verdict)
      expect(testsOf(run, file)).toEqual({ 'finishes before': 'passed', [culprit]: 'failed' })
    })

    test('says what happened, never that a worker "exited unexpectedly"', () => {
      expect(messagesOf(run, file)).toMatch(message)
      expect(`${run.stdout}${run.stderr}`).not.toMatch(/exited unexpectedly/i)
    })
  })

  test('process.exit fails the test that calls it', () => {
    expect(testsOf(run, 'exit.test.js')).toEqual({
      'finishes before': 'passed',
      'calls process.exit': 'failed',
    })
    expect(messagesOf(run, 'exit.test.js')).toMatch(/\bexit/)
  })

  test('a promise that rejects with nobody waiting fails the run and names the file', () => {
    expect(run.code).toBe(1)
    expect(`${run.stdout}${run.stderr}`).toMatch(/nobody waits for me[\s\S]*rejection\.test\.js/)
  })

  test('a daemon that forked twice is reported as a leak, and is gone', () => {
    expect(moduleOf(run, 'daemon.test.js').status).toBe('passed')
    const commands = records
      .get('daemon.test.js')
      ?.leaks.map((leak) => (leak.kind === 'process' ? leak.command : ''))
    expect(commands).toEqual([expect.stringContaining('sleep')])
    expect(markedProcesses(marker)).toEqual([])
  })

  // Of Vitest alone: Jest's tests cannot send anything.
  if ('vitest' in cell)
    test('a message of 64 MB arrives whole', () => {
      const { status, assertionResults } = moduleOf(run, 'message.test.js')
      expect(status).toBe('passed')
      expect(String(assertionResults[0]?.meta?.large).length).toBe(64_000_000)
    })

  test('the file beside them passes, and nothing of the run is left', () => {
    expect(moduleOf(run, 'calm.test.js').status).toBe('passed')
    expect(leftovers(before, marker)).toEqual([])
  })

  // Jest's own reporter keeps what is printed in memory, with or without Glovebox.
  if ('vitest' in cell)
    test('a gigabyte of output passes through', async () => {
      const flood = await runFlood(cell)
      expect(moduleOf(flood, 'flood.test.js').status).toBe('passed')
      expect(flood.stdoutBytes).toBeGreaterThan(2 ** 30)
    })
})

describeCells(cells.slice(0, 1), (cell) => {
  test('positive control: under plain Vitest a daemon outlives the run, and its process dies without a verdict', async () => {
    await using project = await createProject(cell, 'ends')
    const { marker, done } = startVitest({
      ...cell,
      cwd: project.dir,
      args: ['run', 'daemon', 'sigkill'],
      env: { PLAIN: '1' },
    })
    const { stdout, stderr } = await done
    const survivors = markedProcesses(marker)
    endProcesses(marker)
    expect(survivors.map(({ command }) => command)).toEqual([expect.stringContaining('sleep')])
    expect(`${stdout}${stderr}`).toMatch(/exited unexpectedly/i)
  })
})

async function runFlood(cell: AnyCell): Promise<Run> {
  await using project = await createProject(cell, 'output')
  return await startTests(cell, { cwd: project.dir, limit: 240_000 }).done
}
