/** Runs a real test runner in a fixture, as root or as an ordinary user: what runs of Vitest and of Jest have in common. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Role, spawnAs } from './users.js'

export interface RunnerOptions {
  /** For messages: `Vitest`. */
  name: string
  as: Role
  cwd: string
  /** The command line, told where the JSON report is to be written. */
  command: (reportFile: string) => readonly string[]
  env: Record<string, string | undefined> | undefined
  /** Milliseconds; see `RunOptions`. */
  limit: number | undefined
}

/** Bytes of output kept from the beginning, and as many from the end. */
const keep = 4 << 20

export interface Run {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  /** How much went to stdout; `stdout` leaves out the middle of very long output. */
  stdoutBytes: number
  /** The runner's JSON report, `undefined` if it wrote none. */
  report: JsonReport | undefined
}

/** The part of a JSON report that the tests look at. Jest's and Vitest's have the same shape. */
export interface JsonReport {
  success: boolean
  numTotalTests: number
  numPassedTests: number
  numFailedTests: number
  testResults: ModuleResult[]
}

export interface ModuleResult {
  /** Absolute path. */
  name: string
  status: 'passed' | 'failed'
  message: string
  assertionResults: {
    title: string
    fullName: string
    status: 'passed' | 'failed' | 'skipped' | 'pending' | 'todo'
    /** Null within: what was thrown is no error and has no stack. */
    failureMessages: (string | null)[] | null
    meta?: Record<string, unknown>
  }[]
}

export interface StartedRun {
  child: ChildProcess
  /** In the environment of every process of this run that inherits it; `leftovers.ts` finds them by it. */
  marker: string
  done: Promise<Run>
}

/** Starts a runner. Its process leads a process group. `done` rejects only if it hangs. */
export function startRunner({ name, as, cwd, command, env, limit = 120_000 }: RunnerOptions): StartedRun {
  const marker = randomUUID()
  const reportFile = join(cwd, `.report-${marker}.json`)
  const [file = '', ...args] = command(reportFile)
  const child = spawn(file, args, {
    ...spawnAs(as, { NO_COLOR: '1', GLOVEBOX_TEST_RUN: marker, ...env }),
    cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stdout = collect(child.stdout)
  const stderr = collect(child.stderr)
  const done = new Promise<Run>((resolve, reject) => {
    const clock = setTimeout(() => {
      killGroup(child)
      reject(new Error(`${name} hung for ${limit} ms in ${cwd}\n${stdout.text()}\n${stderr.text()}`))
    }, limit)
    child.once('error', reject)
    child.once('close', async (code, signal) => {
      clearTimeout(clock)
      const report = await readReport(reportFile)
      resolve({
        code,
        signal,
        stdout: stdout.text(),
        stderr: stderr.text(),
        stdoutBytes: stdout.bytes(),
        report,
      })
    })
  })
  return { child, marker, done }
}

/** Kills the run's process group at once. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // already gone
  }
}

/** The result of the module with that file name. Throws if the report has none, showing what was printed. */
export function moduleOf(run: Run, file: string): ModuleResult {
  const found = run.report?.testResults.find(({ name }) => name.endsWith(`/${file}`))
  if (!found) throw new Error(`no result of ${file}\n--- stdout\n${run.stdout}\n--- stderr\n${run.stderr}`)
  return found
}

/** Keeps the beginning and the end: a test may print a gigabyte. */
function collect(stream: NodeJS.ReadableStream | null): { text(): string; bytes(): number } {
  const head: Buffer[] = []
  let tail: Buffer[] = []
  let kept = 0
  let bytes = 0
  stream?.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= keep) head.push(chunk)
    else {
      tail.push(chunk)
      kept += chunk.length
      if (kept > 2 * keep) {
        tail = [Buffer.concat(tail).subarray(-keep)]
        kept = keep
      }
    }
  })
  const text = () => {
    const cut = bytes > keep + kept ? [Buffer.from(`\n… ${bytes - keep - kept} bytes left out …\n`)] : []
    return Buffer.concat([...head, ...cut, ...tail]).toString()
  }
  return { text, bytes: () => bytes }
}

async function readReport(file: string): Promise<JsonReport | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as JsonReport
  } catch {
    return undefined
  } finally {
    await rm(file, { force: true })
  }
}
