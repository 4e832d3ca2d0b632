/**
 * Makes a forked process look like one that was started afresh: what Node.js had computed once in the template is computed
 * again. Runs in the child before any other JavaScript. docs/fork.md lists what cannot be made equal.
 */
import { randomFillSync, randomInt, randomUUID } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { restartClocks } from './clocks.js'
import type { StartRecords } from './start-records.js'

/** How many values node:crypto draws ahead at a time. */
const UUID_BATCH = 128
const RANDOM_INT_BATCH = 1024

export function assumeIdentity(pid: number, start: StartRecords): void {
  assumeProcess(pid, start)
  restartClocks()
  dropDrawnRandomness()
  reseedMathRandom()
}

function assumeProcess(pid: number, { args, env, cwd }: StartRecords): void {
  Object.defineProperty(process, 'pid', { value: pid, enumerable: true, configurable: true })
  // The real parent is outside of the PID namespace and shows as 0; a fresh worker's parent is the init.
  Object.defineProperty(process, 'ppid', { get: () => 1, enumerable: true, configurable: true })
  process.argv.splice(0, process.argv.length, process.execPath, ...args.slice(1))
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name]
  Object.assign(process.env, env)
  process.chdir(cwd)
}

/**
 * V8 seeds the generator of a realm when it is first used, which the template's may have been: all children would draw the
 * same numbers. So this realm gets a generator of ours, and the flag seeds realms to come.
 */
function reseedMathRandom(): void {
  setFlagsFromString(`--random-seed=${randomInt(1, 0x7fffffff)}`)
  const state = randomFillSync(new Uint32Array(4))
  state[0] = (state[0] ?? 0) | 1
  let [a = 1, b = 0, c = 0, d = 0] = state
  const random = (): number => {
    // xoshiro128+: 32 bits a step; two steps make the 53 bits of a double.
    const step = (): number => {
      const sum = (a + d) >>> 0
      const t = b << 9
      c ^= a
      d ^= b
      b ^= c
      a ^= d
      c ^= t
      d = (d << 11) | (d >>> 21)
      return sum
    }
    return ((step() >>> 5) * 0x4000000 + (step() >>> 6)) / 0x20000000000000
  }
  Object.defineProperty(Math, 'random', { value: random, writable: true, configurable: true })
}

/** First of all draws. Uses up what node:crypto drew ahead in the template; the next draw is fresh (OpenSSL itself notices the fork). */
function dropDrawnRandomness(): void {
  for (let i = 0; i < UUID_BATCH; i++) randomUUID()
  for (let i = 0; i < RANDOM_INT_BATCH; i++) randomInt(2)
}
