/** Promise 1: a file's outcome depends on its declared inputs alone. */
import { execFileSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { endProcesses, leftoversLater, snapshot } from '../harness/leftovers.js'
import { type JsonReport, moduleOf, type Run } from '../harness/run-runner.js'
import { repository } from '../setup/matrix.mjs'
import { type AnyCell, cells, describeCells, jestCells, smokeCells } from './cells.js'
import { messagesOf } from './report.js'
import { createProject, metaOf, startTests } from './runner.js'

const portFiles = Array.from(
  { length: 20 },
  (_, index) => `port-${String(index + 1).padStart(2, '0')}.test.js`,
)
const portFile = `import { bindsPort3000 } from './port.js'\nbindsPort3000()\n`
const pairs = ['tmp', 'shm', 'semaphore', 'daemon']

interface View {
  hostname: string
  hostnameCommand: string
  pid: number
  commands: string[]
}

describeCells<AnyCell>([...cells, ...smokeCells, ...jestCells], (cell, available) => {
  let sandboxed: Result
  beforeAll(async () => {
    if (!available) return
    // Jest runs small files last, when others have had their turn.
    sandboxed = await runProject(cell, { HOLD: 'jest' in cell ? '9000' : '4000', WORKERS: '24' })
  })

  test('20 files bind port 3000 at once', () => {
    expect(statuses(sandboxed.run, portFiles)).toEqual(portFiles.map(() => 'passed'))
    expect(holdersAtOnce(sandboxed.run)).toBe(portFiles.length)
  })

  test.each(pairs)('two files use the same name without meeting: %s', (pair) => {
    expect(statuses(sandboxed.run, filesOf(pair))).toEqual(['passed', 'passed'])
  })

  test('a file sees nothing in /tmp but the project and the packages it loads, if these are there', () => {
    const entries = metaOf(sandboxed.run, 'tmp-a.test.js').entries
    const [, parent, directory] = repository.split('/') // of a checkout in /tmp, whose node_modules the fixture links to
    const checkout = parent === 'tmp' && directory !== undefined ? [directory] : []
    const project = cell.as === 'root' ? [sandboxed.directory] : []
    expect(entries).toEqual([...project, ...checkout].sort())
  })

  test('a file sees its own host name and its own processes', () => {
    const { hostname, hostnameCommand, pid, commands } = viewOf(sandboxed.run)
    expect([hostname, hostnameCommand]).toEqual(['glovebox', 'glovebox'])
    expect(pid).toBeLessThan(10)
    expect(commands.length).toBeLessThan(5)
    expect(commands.filter((command) => /vitest\.mjs|jest\.js/.test(command))).toEqual([])
  })

  test('what a file writes into the project does not reach the next run', () => {
    expect(sandboxed.data).toBe('"as committed"\n')
    expect(sandboxed.newFile).toBe(false)
  })

  test('the run passes as a whole, and its daemons are gone with it', () => {
    expect(sandboxed.run.code).toBe(0)
    expect(sandboxed.left).toEqual([])
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
      expect(plain.left).toEqual([expect.stringMatching(/^process .*listening/)])
    })
  })
})

interface Result {
  run: Run
  /** Name of the project's directory; root's is in /tmp. */
  directory: string
  /** What was left behind, and then ended. */
  left: string[]
  data: string
  newFile: boolean
}

async function runProject(cell: AnyCell, env: Record<string, string>): Promise<Result> {
  const ports = Object.fromEntries(portFiles.map((file) => [file, portFile]))
  await using project = await createProject(cell, 'hermetic', ports)
  const semaphore = String(0x6c000000 + (Date.now() % 0xffffff))
  const before = snapshot()
  const { marker, done } = startTests(cell, { cwd: project.dir, env: { ...env, SEMAPHORE: semaphore } })
  try {
    return {
      run: await done,
      directory: basename(project.dir),
      left: await leftoversLater(before, marker),
      data: await project.read('data.json'),
      newFile: existsSync(project.path('new.txt')),
    }
  } finally {
    endProcesses(marker)
    if (env.PLAIN) cleanUpAfterControl(marker, semaphore)
  }
}

function cleanUpAfterControl(marker: string, semaphore: string): void {
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

function viewOf(run: Run): View {
  return metaOf(run, 'view.test.js').view as View
}

/** The most files that held the port at the same moment. */
function holdersAtOnce(run: Run): number {
  const held = portFiles.map((file) => metaOf(run, file).held as { from: number; to: number })
  return Math.max(
    ...held.map(({ from: moment }) => held.filter(({ from, to }) => from <= moment && moment < to).length),
  )
}
