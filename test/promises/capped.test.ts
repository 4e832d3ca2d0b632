/** Promises 2 and 3: limits hold, and what hits one fails as that file, with the limit, the peak and the line that raises it. */
import type { FileRecord } from '@glovebox/core/adapter'
import { beforeAll, describe, expect, test } from 'vitest'
import { endProcesses, leftoversLater, snapshot } from '../harness/leftovers.js'
import { requires } from '../harness/requires.js'
import { moduleOf, type Run } from '../harness/run-runner.js'
import { type AnyCell, cells, describeCells, jestCells } from './cells.js'
import { messagesOf, recordsOf, testsOf } from './report.js'
import { createProject, startTests } from './runner.js'

const memoryHogs = ['heap', 'buffers', 'child', 'shm', 'tmp']
/** What the files do is harmless on the host, except for these. */
const neverOnTheHost = ['bomb', 'loop']

/** File → verdict, what its message must name, and the test that was running. */
const limited = [
  ...memoryHogs.map((name) => ({
    name,
    kind: 'memory-limit',
    message: [/200 ?MiB/i, /peak/i, /limits: \{ memory:|limits\.memory|@glovebox-memory/],
    culprit: 'takes too much',
  })),
  { name: 'disk', kind: 'disk-limit', message: [/32 ?MiB/i, /disk/], culprit: 'fills the disk' },
  { name: 'forks', kind: 'pids-limit', message: [/\b64\b/, /pids/], culprit: 'starts 200 processes' },
  {
    name: 'loop',
    kind: 'timeout',
    message: [/\b4 ?s/, /timeout/],
    culprit: 'never returns to the event loop',
  },
]

describeCells<AnyCell>([...cells, ...jestCells], (cell, available) => {
  let result: Result
  beforeAll(async () => {
    if (!available) return
    result = await runProject(cell, { HOLD: '20000' })
  })

  describe.each(limited)('$name', ({ name, kind, message, culprit }) => {
    const file = `${name}.test.js`

    test('fails as that file, with the verdict', () => {
      expect(moduleOf(result.run, file).status).toBe('failed')
      expect(recordOf(result, file).verdict.kind).toBe(kind)
    })

    test('names the limit, what was measured and what to write', () => {
      for (const pattern of message) expect(messagesOf(result.run, file)).toMatch(pattern)
    })

    test('keeps the tests that had finished', () => {
      expect(testsOf(result.run, file)).toEqual({ 'finishes before': 'passed', [culprit]: 'failed' })
    })
  })

  test.each(memoryHogs)('the peak of %s is measured, and not far above the limit', (name) => {
    const peak = recordOf(result, `${name}.test.js`).usage.memoryPeak ?? 0
    // V8 gives up below the limit.
    expect(peak).toBeGreaterThan((name === 'heap' ? 90 : 150) << 20)
    // A cgroup holds the line; sampling sees it a moment too late.
    expect(peak).toBeLessThan((cell.as === 'root' ? 201 : 1000) << 20)
  })

  test('a fork bomb stays within its limit and harms nobody', () => {
    const peak = recordOf(result, 'bomb.test.js').usage.pidsPeak ?? 0
    expect(peak).toBeGreaterThan(20)
    expect(peak).toBeLessThanOrEqual(66)
  })

  test('a file beside them passes', () => {
    expect(moduleOf(result.run, 'calm.test.js').status).toBe('passed')
    expect(recordOf(result, 'calm.test.js').verdict).toEqual({ kind: 'passed-through' })
  })

  test('nothing of them is left', () => {
    expect(result.left).toEqual([])
  })

  describe.runIf(cell.as === 'root')('with a quarter of a processor', () => {
    requires('root', 'cgroup1')

    test('a busy loop is held back, and by how much is measured', () => {
      const { verdict, usage } = recordOf(result, 'busy.test.js')
      expect(verdict.kind).toBe('passed-through')
      expect(usage.cpuThrottled).toBeGreaterThan(0)
      expect(usage.cpuThrottledPeriods).toBeGreaterThan(0)
    })
  })

  test('a file without a cpu limit is not held back', () => {
    expect(recordOf(result, 'calm.test.js').usage.cpuThrottledPeriods ?? 0).toBe(0)
  })
})

describeCells(cells.slice(0, 2), (cell, available) => {
  describe('positive control: the same files under plain Vitest', () => {
    let run: Run
    beforeAll(async () => {
      if (available) run = (await runProject(cell, { PLAIN: '1' })).run
    })

    test.each([...memoryHogs, 'disk', 'forks', 'busy', 'calm'])('%s passes', (name) => {
      expect(moduleOf(run, `${name}.test.js`).status).toBe('passed')
    })
  })
})

interface Result {
  run: Run
  /** What was left behind, and then ended. */
  left: string[]
  records: Map<string, FileRecord>
}

async function runProject(cell: AnyCell, env: Record<string, string>): Promise<Result> {
  await using project = await createProject(cell, 'capped')
  const before = snapshot()
  const { marker, done } = startTests(cell, {
    cwd: project.dir,
    exclude: env.PLAIN ? neverOnTheHost.map((name) => `${name}.test.js`) : [],
    env: { ...env, CPU_LIMIT: cell.as === 'root' ? '1' : undefined },
    limit: 240_000,
  })
  try {
    const run = await done
    return {
      run,
      left: await leftoversLater(before, marker),
      records: env.PLAIN ? new Map() : await recordsOf(project),
    }
  } finally {
    endProcesses(marker)
  }
}

function recordOf({ run, records }: Result, file: string): FileRecord {
  const record = records.get(file)
  if (!record) throw new Error(`glovebox.json says nothing of ${file}\n${run.stdout}\n${run.stderr}`)
  return record
}
