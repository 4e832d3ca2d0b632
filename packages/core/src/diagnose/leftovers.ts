import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Leftover, Observation } from './perturbation.js'
import type { SeenNetwork } from './watched-network.js'

/** What is larger or more than this is not what a next run would stumble over. */
const largest = 64 << 10
const most = 200

/** Directories that tools keep for themselves. */
const foreign =
  /^(node_modules|\.git|node-compile-cache|\.vite|\.vitest.*|\.jest-cache|jest_.*|v8-compile-cache.*)$/

export interface Collecting {
  /** Path of the observation. */
  report: string
  /** Looked through besides the private directories. */
  project: string
  /** When the worker began, milliseconds since the epoch: what is older was not left by it. */
  begun: number
  seen: SeenNetwork
}

/** Writes down what the worker leaves behind. Called at its end; never throws. */
export function collect({ report, project, begun, seen }: Collecting): void {
  const found = new Map<string, Leftover>()
  const skip = dirname(report)
  for (const directory of new Set(['/tmp', '/var/tmp', tmpdir(), homedir(), project]))
    walk(directory, begun, skip, found)
  const observation: Observation = {
    ports: [...seen.ports],
    talks: seen.talks,
    services: [...seen.services],
    leftovers: [...found.values()],
  }
  attempt(() => writeFileSync(report, JSON.stringify(observation)))
}

/** Puts files where an earlier run left them. */
export function restore(files: readonly Leftover[]): void {
  for (const { path, mode, content } of files) {
    attempt(() => {
      if (content === undefined) mkdirSync(path, { recursive: true, mode })
      else {
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(path, Buffer.from(content, 'base64'), { mode })
      }
    })
  }
}

/** Puts there what other programs leave: names that tests like, and some that nobody expects. */
export function litter(): void {
  const names = [
    'test',
    'test.txt',
    'tmp',
    'out',
    'output',
    'data.json',
    'cache',
    'app.log',
    'lock',
    'test.db',
  ]
  restore(
    [
      ...names.map((name) => litterAt(join('/tmp', name))),
      ...['.config/app/settings.json', '.cache/app/index', '.apprc', '.bash_history', 'notes.txt'].map(
        (name) => litterAt(join(homedir(), name)),
      ),
    ].filter(({ path }) => !existsSync(path)),
  )
}

function litterAt(path: string): Leftover {
  return { path, mode: 0o644, content: Buffer.from('of someone else\n').toString('base64') }
}

function walk(directory: string, since: number, skip: string, found: Map<string, Leftover>): void {
  const names = attempt(() => readdirSync(directory)) ?? []
  for (const name of names) {
    const path = join(directory, name)
    if (found.size >= most) return
    if (foreign.test(name) || path === skip) continue
    const entry = attempt(() => leftoverAt(path, since))
    if (entry !== undefined) found.set(path, entry)
    if (attempt(() => lstatSync(path).isDirectory())) walk(path, since, skip, found)
  }
}

function leftoverAt(path: string, since: number): Leftover | undefined {
  const stat = lstatSync(path)
  const mode = stat.mode & 0o7777
  if (stat.ctimeMs < since) return undefined
  if (stat.isDirectory()) return { path, mode }
  return stat.isFile() && stat.size <= largest
    ? { path, mode, content: readFileSync(path, 'base64') }
    : undefined
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}
