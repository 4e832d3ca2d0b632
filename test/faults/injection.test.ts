/**
 * Every step of making, using and destroying a sandbox fails once: the n-th system call of each kind of relay, supervisor and init, with each
 * errno that it may have; each of these processes dies at each of its system calls; and the runner goes away at each request.
 * GLOVEBOX_FAULTS=all walks through all of them; otherwise 80 are tried, the same ones each time.
 */
import { constants } from 'node:os'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildFaulty } from '../../native/test/programs.mjs'
import { requires } from '../harness/requires.js'
import { buildSupervisor } from '../native/supervisor-driver.js'
import type { Frame } from '../native/supervisor-frames.js'
import { errnos, infallible } from './errnos.js'
import type { Counts, Fault } from './faulty.js'
import { faultsOf, type Life, live, type Network, networks } from './injection.js'

const all = process.env.GLOVEBOX_FAULTS === 'all'
const sample = 80
const shards = 8
const patience = all ? 120 * 60_000 : 5 * 60_000

interface Trial {
  network: Network
  fault: Fault
}

const ready = requires('root', 'cc', 'x64')
const undisturbed = new Map<Network, Life>()
let trials: Trial[] = []
beforeAll(async () => {
  if (!ready) return
  buildSupervisor('plain')
  await buildFaulty()
  for (const network of networks) undisturbed.set(network, await live(network))
  const every = [...undisturbed].flatMap(([network, { counts }]) =>
    faultsOf(counts)
      // The relay does not see what network a sandbox has.
      .filter(({ role }) => network === 'none' || role !== 'relay')
      .map((fault): Trial => ({ network, fault })),
  )
  trials = all ? every : chosen(every)
  console.log(`${trials.length} of ${every.length} faults are tried`)
})

test.each(networks)('without a fault a life is complete, and nothing is left: network %s', (network) => {
  const { steps, left, met } = undisturbed.get(network) as Life
  const types = Object.entries(steps).map(([name, { type }]) => `${name}: ${type}`)
  expect(types).toEqual([
    'hello: reply',
    'create: reply',
    'limits: reply',
    'start: reply',
    'usage: reply',
    'pause: reply',
    'resume: reply',
    'signal: reply',
    'exit: event',
    'changes: reply',
    'export: reply',
    'destroy: reply',
  ])
  expect({ left, met }).toEqual({ left: [], met: false })
})

test('every kind of system call in it can be made to fail, or cannot fail', () => {
  const kinds = [...undisturbed.values()].flatMap(({ counts }) => kindsOf(counts))
  const known = new Set([...Object.keys(errnos), ...infallible, 'any'])
  expect(kinds.filter((kind) => !known.has(kind))).toEqual([])
})

test.each(['hello', ...requestsOfALife()])(
  'the runner goes away when it has asked for %s: nothing is left',
  async (step) => {
    expect((await live('none', { hangUp: step })).left).toEqual([])
  },
)

// They mostly wait, so several parts run at once. Lives do not meet: each looks for what itself has left.
describe.concurrent.each(Array.from({ length: shards }, (_, shard) => shard + 1))('part %i', (shard) => {
  test(
    'every fault ends in an error with stage and errno, or is coped with, and nothing is left',
    async () => {
      const wrong: string[] = []
      let met = 0
      for (const { network, fault } of trials.filter((_, index) => index % shards === shard - 1)) {
        const life = await live(network, { fault }).catch((error: Error) => error)
        const complaint = life instanceof Error ? life.message : judge(life, fault)
        if (!(life instanceof Error) && life.met) met += 1
        if (!complaint) continue
        wrong.push(`${network} ${fault.role} ${fault.call} ${fault.nth} ${fault.errno}: ${complaint}`)
        console.log(wrong.at(-1))
      }
      console.log(`${met} faults were met`)
      expect(met).toBeGreaterThan(0)
      expect(wrong).toEqual([])
    },
    patience,
  )
})

function requestsOfALife(): string[] {
  return [
    'create',
    'limits',
    'start',
    'usage',
    'pause',
    'resume',
    'signal',
    'exit',
    'changes',
    'export',
    'destroy',
  ]
}

const kindsOf = (counts: Counts) => Object.values(counts).flatMap((calls) => [...calls.keys()])

function judge({ steps, left }: Life, { errno }: Fault): string | undefined {
  if (left.length > 0) return `left behind: ${left.join(', ')}`
  for (const [name, frame] of Object.entries(steps)) {
    if (frame.type === 'error' && !frame.get('stage')) return `${name}: an error without a stage`
    if (frame.type === 'error' && !isExplained(frame)) return `${name}: ${frame.records.join(' ')} (${errno})`
  }
  // It is ended by SIGTERM, or by the fault itself, if that struck it before it was executed.
  const { exit } = steps
  const signals = errno === 'death' ? ['15', String(constants.signals.SIGSYS)] : ['15']
  if (exit?.get('cause') === 'exit' && !signals.includes(exit.get('signal') ?? ''))
    return `the worker's end is told wrongly: ${exit.records.join(' ')}`
  // Without an answer core knows only that the supervisor has died: still an error of the sandbox.
  return undefined
}

const isExplained = (frame: Frame) =>
  frame.get('errno') !== undefined || (frame.get('message') ?? '').length > 0

function chosen(every: readonly Trial[]): Trial[] {
  const stride = Math.max(1, Math.floor(every.length / sample))
  // The first sockets are the sandbox's own: their failure once took the supervisor along.
  const known = ({ fault: { role, call, nth, errno } }: Trial) =>
    role === 'supervisor' && call === 'connect' && nth === 1 && errno === 'EAGAIN'
  return every.filter((trial, index) => index % stride === 0 || known(trial))
}
