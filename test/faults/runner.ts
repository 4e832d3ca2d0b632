/** victim.mjs as a process of its own: six files, each of which leaves a daemon behind. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { createFixture } from '../harness/fixture.js'
import { endProcesses, leftoversLater, snapshot } from '../harness/leftovers.js'

export interface Outcome {
  answered?: boolean
  verdict?: { kind: string }
  /** Of a file that got no worker, or of a session that could not be opened. */
  error?: string
  stage?: string
  errno?: number
  path?: string
}

export interface Runner {
  child: ChildProcess
  /** Its TMPDIR. */
  temporary: string
  text: () => string
  /** At its end. */
  outcomes: Promise<Outcome[]>
  /** What is there of it a second after its end, or later on a machine that is overloaded. */
  left(): Promise<string[]>
}

export interface StartOptions {
  /** A command to start it with. */
  through?: readonly string[]
  env?: Record<string, string>
  /** By default it is warned, and goes on. */
  onUnsupported?: 'error'
  /** Of each file; by default more than any takes. */
  timeout?: string
}

export const passed: Outcome = { answered: true, verdict: { kind: 'passed-through' } }
export const allPassed = Array<Outcome>(6).fill(passed)

export async function start(
  worker: 'fork' | 'spawn',
  { through = [], env = {}, onUnsupported, timeout }: StartOptions = {},
): Promise<Runner> {
  const project = await createFixture({ files: { 'a.test.js': '' } })
  const temporary = mkdtempSync(join(tmpdir(), 'gbtest-'))
  const marker = randomUUID()
  const before = snapshot(temporary)
  onTestFinished(async () => {
    endProcesses(marker)
    rmSync(temporary, { recursive: true, force: true })
    await project.remove()
  })
  const spec = JSON.stringify({ worker, root: project.dir, onUnsupported, timeout })
  const program = fileURLToPath(new URL('victim.mjs', import.meta.url))
  const [command = '', ...args] = [...through, process.execPath, program, spec]
  const child = spawn(command, args, {
    env: { ...process.env, TMPDIR: temporary, GLOVEBOX_TEST_RUN: marker, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const outcomes = new Promise<Outcome[]>((resolve) =>
    child.once('close', () => {
      const lines = text.trim().split('\n').filter(Boolean)
      resolve(
        lines.map((line): unknown => JSON.parse(line)).filter((line): line is Outcome => line !== 'begun'),
      )
    }),
  )
  const left = () => leftoversLater(before, marker)
  return { child, temporary, text: () => text, outcomes, left }
}
