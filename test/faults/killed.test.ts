/**
 * One of the processes is killed at a random moment of a runner's life: the runner itself, the relay, the keeper, the supervisor, a
 * template, an init, a worker. GLOVEBOX_KILLS=500 for as many rounds; GLOVEBOX_SEED repeats one series.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { createFixture } from '../harness/fixture.js'
import { descendants, endProcesses, leftoversLater, parentOf, snapshot } from '../harness/leftovers.js'
import { requires } from '../harness/requires.js'

const victims = ['runner', 'relay', 'keeper', 'supervisor', 'template', 'init', 'worker'] as const
type Victim = (typeof victims)[number]

const kills = Number(process.env.GLOVEBOX_KILLS ?? 21)
const seed = Number(process.env.GLOVEBOX_SEED ?? 1)
const perVictim = Math.ceil(kills / victims.length)

const ready = requires('root')
const files = 6
let lifetime = 0
beforeAll(async () => {
  if (!ready) return
  const undisturbed = await round('fork')
  const passed = { answered: true, verdict: { kind: 'passed-through' } }
  expect(undisturbed).toMatchObject({ outcomes: Array(files).fill(passed), left: [] })
  lifetime = undisturbed.took
})

describe.each(victims)('the %s is killed', (victim) => {
  test(
    `whoever is killed, the file is not passed, and nothing is left (GLOVEBOX_SEED=${seed})`,
    async () => {
      const random = sequence(seed + victims.indexOf(victim))
      const wrong: string[] = []
      const times: number[] = []
      for (let i = 0; i < perVictim; i++) {
        const worker = victim === 'template' || i % 2 === 0 ? 'fork' : 'spawn'
        const { moment, outcomes, left, gone } = await killedRound(victim, worker, random() * lifetime)
        const context = `${victim} of ${worker} after ${Math.round(moment)} ms`
        wrong.push(...left.map((line) => `${context}: ${line} is left`))
        wrong.push(...outcomes.filter(isLie).map((outcome) => `${context}: ${JSON.stringify(outcome)}`))
        times.push(gone)
      }
      console.log(
        `${victim}: killed ${perVictim} times, ${wrong.length} wrong; ${distribution(times)}; load ${loadavg()}`,
      )
      expect(wrong).toEqual([])
    },
    Math.max(5, kills / 10) * 60_000,
  )
})

interface Outcome {
  answered?: boolean
  verdict?: { kind: string }
}

interface Round {
  /** Whether there was somebody to kill. */
  killed: boolean
  outcomes: Outcome[]
  left: string[]
  /** Milliseconds of the runner's life, and from its end until nothing was left. */
  took: number
  gone: number
}

/** Who did not finish has not passed. */
const isLie = ({ answered, verdict }: Outcome) => answered === false && verdict?.kind === 'passed-through'

/** Where the victim had ended before its moment, or was never there, once more, sooner. */
async function killedRound(
  victim: Victim,
  worker: 'fork' | 'spawn',
  moment: number,
): Promise<Round & { moment: number }> {
  const result = await round(worker, { victim, moment })
  return result.killed ? { ...result, moment } : killedRound(victim, worker, moment / 2)
}

async function round(worker: 'fork' | 'spawn', plan?: { victim: Victim; moment: number }): Promise<Round> {
  await using project = await createFixture({ files: { 'a.test.js': '' } })
  const temporary = mkdtempSync(join(tmpdir(), 'gbtest-'))
  const marker = randomUUID()
  const before = snapshot(temporary)
  try {
    const spec = JSON.stringify({ worker, root: project.dir })
    const born = Date.now()
    const child = spawn(process.execPath, [fileURLToPath(new URL('victim.mjs', import.meta.url)), spec], {
      env: { ...process.env, TMPDIR: temporary, GLOVEBOX_TEST_RUN: marker },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = collect(child)
    const killed = plan !== undefined && (await kill(plan.victim, child, plan.moment))
    const lines = await ended
    const end = Date.now()
    const left = await leftoversLater(before, marker)
    return {
      killed,
      outcomes: lines.filter((line): line is Outcome => typeof line === 'object'),
      left,
      took: end - born,
      gone: Date.now() - end,
    }
  } finally {
    endProcesses(marker)
    rmSync(temporary, { recursive: true, force: true })
  }
}

/** At that moment, or as soon after it as there is such a process; false if there is none any more. */
async function kill(victim: Victim, runner: ChildProcess, moment: number): Promise<boolean> {
  await sleep(moment)
  while (runner.exitCode === null && runner.signalCode === null) {
    const pid = find(victim, runner.pid as number)
    if (pid !== undefined) return signal(pid)
    await sleep(5)
  }
  return false
}

function signal(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    return false // it has just ended
  }
}

/** Lines of the runner, at its end: what it leaves may hold its standard output for a moment longer. */
function collect(child: ChildProcess): Promise<unknown[]> {
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  return new Promise((resolve) => {
    child.once('exit', () => {
      const lines = text.split('\n').slice(0, -1)
      resolve(lines.map((line): unknown => JSON.parse(line)))
    })
  })
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
    return { kind: kindOf(pid, numbers, commandOf(pid)) }
  } catch {
    return { kind: undefined }
  }
}

const commandOf = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8')
const isNative = (command: string) => command.includes('glovebox-supervisor')

function kindOf(pid: number, numbers: readonly string[], command: string): Victim | undefined {
  const own = numbers.at(-1)
  if (numbers.length === 1) {
    if (!isNative(command)) return undefined
    return isNative(commandOf(parentOf(pid) ?? 0)) ? 'keeper' : 'relay'
  }
  if (numbers.length === 2)
    return own === '1' ? 'supervisor' : command.includes('template') ? 'template' : undefined
  if (own === '1') return 'init'
  return command.includes('node') ? 'worker' : undefined
}

/** The times until all was gone, for the specification. */
function distribution(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => `${sorted[Math.ceil(share * sorted.length) - 1]} ms`
  return `all was gone after ${at(0.5)} (median), ${at(0.99)} (99 %), ${at(1)} (at the latest)`
}

/** Numbers from 0 to 1, the same ones for the same seed. */
function sequence(from: number): () => number {
  let state = from
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
}
