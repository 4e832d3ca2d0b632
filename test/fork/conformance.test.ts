/** A forked worker is to a test what a fresh one is: each probe runs in both, and what it saw is compared. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { requires } from '../harness/requires.js'
import { nodeBinary } from '../setup/matrix.mjs'
import * as probes from './probes.mjs'

interface Outcome {
  probe: string
  value?: unknown
  output: { stdout: string; stderr: string }
  verdict?: { peak?: number }
  code?: number
  signal?: string
}

const driver = new URL('./driver.mjs', import.meta.url).pathname
/** Those that other tests ask for. */
const others = ['random', 'isForked', 'exhaustsItsHeapFast']
const names = Object.keys(probes).filter((name) => !others.includes(name))
/** What a structured clone carries and JSON does not suffer from. */
const argument = { text: 'a\u0000b', nested: [1, { two: 2 }] }

async function outcomes(
  node: string,
  worker: 'fork' | 'spawn',
  list: readonly string[],
  more: object = {},
): Promise<Outcome[]> {
  const spec = { worker, probes: list.map((probe) => [probe, argument]), ...more }
  const { stdout } = await promisify(execFile)(node, [driver, JSON.stringify(spec)], { maxBuffer: 64 << 20 })
  const { outcomes, notices } = JSON.parse(stdout) as { outcomes: Outcome[]; notices: string[] }
  expect(notices.filter((notice) => notice.includes('fork'))).toEqual([])
  return outcomes
}

/** Where in Glovebox a stack passes differs; addresses, and the last bytes before a limit, differ from process to process. */
function comparable({ output, verdict, ...rest }: Outcome): unknown {
  const stderr = whatV8Said(output.stderr)
    .split('\n')
    .filter((line) => !/worker\/(run-entry|bootstrap|template)\.js|0x[0-9a-f]{6,}/.test(line))
    .filter((line) => !/^ {4}at |^\s*\d+: |Native stack trace/.test(line))
    .map((line) => line.replace(/\d+(\.\d+)? (ms|MB|->).*|\[\d+:.*?\]/g, ''))
  return { ...rest, verdict: { ...verdict, peak: undefined }, stdout: output.stdout, stderr }
}

/** When it runs out of heap, its history of collections and the reason that it gives depend on the moment. */
function whatV8Said(stderr: string): string {
  const [last] = /JavaScript heap out of memory/.exec(stderr) ?? []
  return last ?? stderr
}

describe.each([20, 22, 24, 26] as const)('on Node.js %i', (version) => {
  requires(`node${version}`)

  test('a forked worker answers every probe as a fresh one does', async () => {
    const node = nodeBinary(version)
    const fresh = await outcomes(node, 'spawn', names)
    const forked = await outcomes(node, 'fork', names)
    for (const [index, outcome] of forked.entries())
      expect(comparable(outcome), outcome.probe).toEqual(comparable(fresh[index] as Outcome))
    const identity = forked.find(({ probe }) => probe === 'identity')?.value
    expect(identity).toMatchObject({ pidIsOwn: true, ppid: 1, pidOfChildsParent: true })
    const ends = Object.fromEntries(forked.map(({ probe, code, signal }) => [probe, signal ?? code]))
    expect(ends).toMatchObject({
      exits: 3,
      throwsLater: 1,
      rejects: 1,
      aborts: 'SIGABRT',
      crashes: 'SIGSEGV',
    })
  })

  test('no two forked workers draw the same random numbers', async () => {
    const drawn = (await outcomes(nodeBinary(version), 'fork', ['random', 'random', 'random'])).map(
      ({ value }) => value as Record<string, unknown>,
    )
    for (const source of Object.keys(drawn[0] ?? {}))
      expect(new Set(drawn.map((draws) => JSON.stringify(draws[source]))).size, source).toBe(3)
  })
})

requires('userns')

test('a heap that is exhausted ends a forked worker with V8’s own message', async () => {
  const limits = { memory: '1GiB' }
  const [forked] = await outcomes(process.execPath, 'fork', ['exhaustsItsHeap'], {
    execArgv: ['--max-old-space-size=64'],
    limits,
  })
  expect(forked?.signal).toBe('SIGABRT')
  expect(forked?.output.stderr).toContain('JavaScript heap out of memory')
})
