/**
 * What a template makes ahead for the one file that each of its workers runs: an environment in which no code of the user has run, and
 * Jest's own modules loaded in it, which is most of what a small file costs. The file takes both over when Jest asks for an environment
 * that would be the same; any other file gets what it asks for, made as ever.
 */
import { debuglog } from 'node:util'
import type { Config } from '@jest/types'
import type { Environment } from './with-environment.js'

/** What environments are made from, and Jest knows nothing else of when it makes one. */
export type EnvironmentInput = [
  { projectConfig: Config.ProjectConfig },
  { console: Console },
  ...rest: unknown[],
]

export interface MadeAhead {
  environment: Environment
  /** What it was made with, and keeps: takes on the values of the file's own. */
  config: Config.ProjectConfig
  /** Where what it prints goes. */
  console: { current: Console }
  /** Jest's own modules in the environment, by path. */
  modules: ReadonlyMap<string, unknown>
}

/** What Jest's environments have. */
interface Made extends Environment {
  global: { process: NodeJS.Process }
  dom?: { window: { performance: object } }
}

interface Kept extends MadeAhead {
  /** Such environments it stands for. */
  likeness: string
}

/** With NODE_DEBUG=glovebox it is said of each file. */
export const debug: (message: string, ...values: unknown[]) => void = debuglog('glovebox')

let kept: Kept | undefined
let adopted: MadeAhead | undefined

export function keepAhead(made: MadeAhead): void {
  kept = { ...made, likeness: likenessOf(made.config) }
}

/** The environment that was made ahead, as if it had been made with that input just now. `undefined`: there is none like it. */
export function adoptEnvironment(input: EnvironmentInput, prototype: object): Environment | undefined {
  const made = kept
  kept = undefined
  const [{ projectConfig }, { console }] = input
  // A detector of leaks would see what a template holds.
  if (made === undefined || projectConfig.detectLeaks || made.likeness !== likenessOf(projectConfig)) {
    return undefined
  }
  debug('the environment was made ahead')
  adopted = made
  Object.assign(made.config, projectConfig)
  made.console.current = console
  const { dom, global } = made.environment as Made
  renewProcess(global.process)
  if (dom) renewClock(dom.window.performance)
  return Object.setPrototypeOf(made.environment, prototype) as Environment
}

/** Jest's own modules in an environment that was adopted; none in others. */
export function adoptModules(environment: unknown): ReadonlyMap<string, unknown> {
  return adopted !== undefined && adopted.environment === environment ? adopted.modules : new Map()
}

/** By these variables Jest's modules decide about colours when they are loaded. */
const decisive = ['CI', 'COLORTERM', 'FORCE_COLOR', 'NO_COLOR', 'TERM']

/** Equal where environments would be, and modules loaded in them. */
function likenessOf({ fakeTimers, globals, testEnvironmentOptions }: Config.ProjectConfig): string {
  const variables = decisive.map((name) => process.env[name] ?? null)
  return JSON.stringify([fakeTimers, globals, testEnvironmentOptions, variables])
}

/** An environment has a copy of `process`, made from the template's: it gets what is other in the worker. */
function renewProcess(copy: NodeJS.Process): void {
  for (const name of Object.getOwnPropertyNames(process)) {
    const [now, then] = [descriptorOf(process, name), descriptorOf(copy, name)]
    // Names of the kind of `_events` are the state of an emitter, of which the copy has its own.
    if (name.startsWith('_') || then?.configurable === false || typeof now?.value === 'object') continue
    if (now !== undefined) Object.defineProperty(copy, name, { ...now, configurable: true })
  }
  copy.argv.splice(0, copy.argv.length, ...process.argv)
  for (const name of Object.keys(copy.env)) if (!(name in process.env)) delete copy.env[name]
  Object.assign(copy.env, process.env)
}

function descriptorOf(object: object, name: string): PropertyDescriptor | undefined {
  return Object.getOwnPropertyDescriptor(object, name)
}

/** A window of jsdom has a clock of its own. */
function renewClock(clock: object): void {
  const symbol = Object.getOwnPropertySymbols(clock).find(({ description }) => description === 'impl')
  const implementation = symbol && (clock as Record<symbol, { timeOrigin?: number }>)[symbol]
  if (implementation?.timeOrigin !== undefined) implementation.timeOrigin = performance.timeOrigin
}
