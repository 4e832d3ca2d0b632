/** Promise 1: a file's outcome depends on its declared inputs alone. */
import { execFileSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { beforeAll, describe, expect, test } from 'vitest'
import { createFixture, type Fixture } from '../harness/fixture.js'
import { leftovers, markedProcesses, type Snapshot, snapshot } from '../harness/leftovers.js'
import { type JsonReport, moduleOf, type Run, startVitest } from '../harness/run-vitest.js'
import { type Cell, cells, describeCells, smokeCells } from './cells.js'

const portFiles = Array.from(
  { length: 20 },
  (_, index) => `port-${String(index + 1).padStart(2, '0')}.test.js`,
)
const pairs = ['tmp', 'shm', 'semaphore', 'daemon']

interface View {
  hostname: string
  hostnameCommand: string
  pid: number
  commands: string[]
}

describeCells([...cells, ...smokeCells], (cell, available) => {
  let before: Snapshot
  let sandboxed: Result
  beforeAll(async () => {
    if (!available) return
    before = snapshot()
    sandboxed = await runProject(cell, { HOLD: '4000', WORKERS: '24' })
  })

  test('20 files bind port 3000 at once', () => {
    expect(statuses(sandboxed.run, portFiles)).toEqual(portFiles.map(() => 'passed'))
    expect(holdersAtOnce(sandboxed.run)).toBe(portFiles.length)
  })

  test.each(pairs)('two files use the same name without meeting: %s', (pair) => {
    expect(statuses(sandboxed.run, filesOf(pair))).toEqual(['passed', 'passed'])
  })

  test('a file sees an empty /tmp', () => {
    expect(moduleOf(sandboxed.run, 'tmp-a.test.js').assertionResults[0]?.meta?.entries).toBe(0)
  })

  test('a file sees its own host name and its own processes', () => {
    const { hostname, hostnameCommand, pid, commands } = viewOf(sandboxed.run)
    expect([hostname, hostnameCommand]).toEqual(['glovebox', 'glovebox'])
    expect(pid).toBeLessThan(10)
    expect(commands.length).toBeLessThan(5)
    expect(commands.filter((command) => command.includes('vitest.mjs'))).toEqual([])
  })

  test('what a file writes into the project does not reach the next run', () => {
    expect(sandboxed.data).toBe('"as committed"\n')
    expect(sandboxed.newFile).toBe(false)
  })

  test('the run passes as a whole, and its daemons are gone with it', () => {
    expect(sandboxed.run.code).toBe(0)
    expect(leftovers(before, sandboxed.marker)).toEqual([])
  })
})

describeCells(cells.slice(0, 1), (cell, available) => {
  describe('positive control: the same files under plain Vitest', () => {
    let plain: Result
    beforeAll(async () => {
      if (available) plain = await runProject(cell, { HOLD: '4000', WORKERS: '24', PLAIN: '1' })
    })

    test('collide over the port', () => {
      expect(statuses(plain.run, portFiles)).toContain('failed')
      expect(portFiles.map((file) => messagesOf(plain.run, file)).join()).toContain('EADDRINUSE')
    })

    test.each(pairs)('collide over the same name: %s', (pair) => {
      expect(statuses(plain.run, filesOf(pair)).sort()).toEqual(['failed', 'passed'])
    })

    test('see the host', () => {
      const view = viewOf(plain.run)
      expect(view.hostname).toBe(hostname())
      expect(view.commands.some((command) => command.includes('vitest.mjs'))).toBe(true)
    })

    test('change the project, and leave daemons behind', () => {
      expect(plain.data).toBe('"changed by a test"')
      expect(plain.newFile).toBe(true)
      expect(plain.survivors).toBeGreaterThan(0)
    })
  })
})

interface Result {
  run: Run
  marker: string
  data: string
  newFile: boolean
  /** Processes that outlived the run, before this function ended them. */
  survivors: number
}

async function runProject(cell: Cell, env: Record<string, string>): Promise<Result> {
  await using project: Fixture = await createFixture({
    ...cell,
    from: 'test/promises/projects/hermetic',
    files: Object.fromEntries(
      portFiles.map((file) => [file, `import { bindsPort3000 } from './port.js'\nbindsPort3000()\n`]),
    ),
  })
  const semaphore = String(0x6c000000 + (Date.now() % 0xffffff))
  const { marker, done } = startVitest({ ...cell, cwd: project.dir, env: { ...env, SEMAPHORE: semaphore } })
  try {
    const run = await done
    const survivors = env.PLAIN ? markedProcesses(marker).length : 0
    return {
      run,
      marker,
      survivors,
      data: await project.read('data.json'),
      newFile: existsSync(project.path('new.txt')),
    }
  } finally {
    if (env.PLAIN) cleanUpAfterControl(marker, semaphore)
  }
}

function cleanUpAfterControl(marker: string, semaphore: string): void {
  for (const { pid } of markedProcesses(marker)) process.kill(pid, 'SIGKILL')
  rmSync(`/tmp/gbtest-${marker}`, { force: true })
  rmSync(`/dev/shm/gbtest-${marker}`, { force: true })
  execFileSync('ipcrm', ['-S', semaphore])
}

function filesOf(pair: string): string[] {
  return [`${pair}-a.test.js`, `${pair}-b.test.js`]
}

function statuses(run: Run, files: string[]): JsonReport['testResults'][number]['status'][] {
  return files.map((file) => moduleOf(run, file).status)
}

function messagesOf(run: Run, file: string): string {
  const { message, assertionResults } = moduleOf(run, file)
  return [message, ...assertionResults.flatMap(({ failureMessages }) => failureMessages ?? [])].join('\n')
}

function viewOf(run: Run): View {
  return moduleOf(run, 'view.test.js').assertionResults[0]?.meta?.view as View
}

/** The most files that held the port at the same moment. */
function holdersAtOnce(run: Run): number {
  const held = portFiles.map(
    (file) => moduleOf(run, file).assertionResults[0]?.meta?.held as { from: number; to: number },
  )
  return Math.max(
    ...held.map(({ from: moment }) => held.filter(({ from, to }) => from <= moment && moment < to).length),
  )
}
