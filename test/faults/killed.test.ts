/**
 * One of the processes is killed at a random moment: the runner itself, the relay, the supervisor, a template, an init, a worker.
 * GLOVEBOX_KILLS=500 for as many rounds; GLOVEBOX_SEED repeats one series.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createFixture } from '../harness/fixture.js'
import { descendants, endProcesses, leftoversLater, snapshot } from '../harness/leftovers.js'
import { requires } from '../harness/requires.js'

const victims = ['runner', 'relay', 'supervisor', 'template', 'init', 'worker'] as const
type Victim = (typeof victims)[number]

const kills = Number(process.env.GLOVEBOX_KILLS ?? 18)
const seed = Number(process.env.GLOVEBOX_SEED ?? 1)

describe.each(victims)('the %s is killed', (victim) => {
  requires('root')

  test(
    `whoever is killed, the file is not passed, and nothing is left (GLOVEBOX_SEED=${seed})`,
    async () => {
      const random = sequence(seed + victims.indexOf(victim))
      for (let i = 0; i < Math.ceil(kills / victims.length); i++) {
        const worker = victim === 'template' || i % 2 === 0 ? 'fork' : 'spawn'
        const moment = Math.floor(random() * 400)
        const { outcomes, left } = await round(victim, worker, moment)
        const context = `${worker}, after ${moment} ms`
        expect(left, context).toEqual([])
        expect(outcomes.filter(isLie), context).toEqual([])
      }
    },
    Math.max(5, kills / 10) * 60_000,
  )
})

interface Outcome {
  answered?: boolean
  verdict?: { kind: string }
}

/** Who did not finish has not passed. */
const isLie = ({ answered, verdict }: Outcome) => answered === false && verdict?.kind === 'passed-through'

async function round(
  victim: Victim,
  worker: 'fork' | 'spawn',
  moment: number,
): Promise<{ outcomes: Outcome[]; left: string[] }> {
  await using project = await createFixture({ files: { 'a.test.js': '' } })
  const temporary = mkdtempSync(join(tmpdir(), 'gbtest-'))
  const marker = randomUUID()
  const before = snapshot()
  try {
    const spec = JSON.stringify({ worker, root: project.dir })
    const child = spawn(process.execPath, [fileURLToPath(new URL('victim.mjs', import.meta.url)), spec], {
      env: { ...process.env, TMPDIR: temporary, GLOVEBOX_TEST_RUN: marker },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const output = collect(child)
    await output.begun
    await sleep(moment)
    const pid = find(victim, child.pid as number)
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
    const lines = await output.ended
    const left = await leftoversLater(before, marker)
    return {
      outcomes: lines.filter((line): line is Outcome => typeof line === 'object'),
      left: left.filter(isPromised(victim)),
    }
  } finally {
    endProcesses(marker)
    rmSync(temporary, { recursive: true, force: true })
  }
}

/** Nobody is left to remove the relay's cgroups and directory; the next start does. */
const isPromised = (victim: Victim) => (line: string) =>
  victim !== 'relay' || line.startsWith('process ') || line.startsWith('mount ')

function collect(child: ChildProcess): { begun: Promise<void>; ended: Promise<unknown[]> } {
  let text = ''
  const begun = new Promise<void>((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      if (text.includes('"begun"')) resolve()
    })
    child.once('exit', () => resolve())
  })
  const ended = new Promise<unknown[]>((resolve) => {
    // What the runner leaves may hold its standard output for a moment longer.
    child.once('exit', () => {
      const lines = text.split('\n').slice(0, -1)
      resolve(lines.map((line): unknown => JSON.parse(line)))
    })
  })
  return { begun, ended }
}

function find(victim: Victim, runner: number): number | undefined {
  if (victim === 'runner') return runner
  const below = descendants(runner).map((pid) => ({ pid, ...describeProcess(pid) }))
  return below.find(({ kind }) => kind === victim)?.pid
}

/** By how deep its PID namespace is, and its number there. */
function describeProcess(pid: number): { kind: Victim | undefined } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const numbers = /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/) ?? []
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    return { kind: kindOf(numbers, command) }
  } catch {
    return { kind: undefined }
  }
}

function kindOf(numbers: readonly string[], command: string): Victim | undefined {
  const own = numbers.at(-1)
  if (numbers.length === 1) return command.includes('glovebox-supervisor') ? 'relay' : undefined
  if (numbers.length === 2)
    return own === '1' ? 'supervisor' : command.includes('template') ? 'template' : undefined
  if (own === '1') return 'init'
  return command.includes('node') ? 'worker' : undefined
}

/** Numbers from 0 to 1, the same ones for the same seed. */
function sequence(from: number): () => number {
  let state = from
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
}
