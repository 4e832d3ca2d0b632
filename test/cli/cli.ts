/** Runs the built `glovebox` command as root or as an ordinary user, in a process group that is ended when it hangs. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { killGroup } from '../harness/run-vitest.js'
import { type Role, spawnAs } from '../harness/users.js'
import { type NodeMajor, nodeBinary, repository } from '../setup/matrix.mjs'

export const supervisorPath = join(
  repository,
  `packages/core/prebuilds/linux-${process.arch}/glovebox-supervisor`,
)

/** What `npx glovebox` runs. */
export const mainPath = join(repository, 'packages/core/dist/cli/main.js')

export interface CliOptions {
  as?: Role
  cwd?: string
  env?: Record<string, string | undefined>
  /** Standard input; default none. */
  input?: string
  /** Default: the Node.js that runs the tests. */
  node?: NodeMajor
  /** A command to run it with: `['unshare', '--user', …]`. */
  through?: readonly string[]
  /** Milliseconds until it counts as hung. Default 60,000. */
  limit?: number
}

export interface CliResult {
  /** 128+n if a signal ended the command itself. */
  status: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface StartedCli {
  child: ChildProcess
  /** In the environment of every process below it that inherits it. */
  marker: string
  /** What it wrote so far. */
  stdout(): string
  done: Promise<CliResult>
}

export function cli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startCli(args, options).done
}

/** `glovebox run FLAGS -- COMMAND…`, the flags as one string. */
export function glovebox(
  flags: string,
  command: readonly string[],
  options: CliOptions = {},
): Promise<CliResult> {
  return cli(['run', ...flags.split(' ').filter(Boolean), '--', ...command], options)
}

export function startCli(args: readonly string[], options: CliOptions = {}): StartedCli {
  const { as = 'root', cwd = '/', env, input, node, through = [], limit = 60_000 } = options
  const marker = randomUUID()
  const binary = node === undefined ? process.execPath : nodeBinary(node)
  const [file = '', ...rest] = [...through, binary, mainPath, ...args]
  const child = spawn(file, rest, {
    ...spawnAs(as, { NO_COLOR: '1', GLOVEBOX_TEST_RUN: marker, ...env }),
    cwd,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  const done = new Promise<CliResult>((resolve, reject) => {
    const clock = setTimeout(() => {
      killGroup(child)
      reject(new Error(`glovebox ${args.join(' ')} hung for ${limit} ms\n${stdout}\n${stderr}`))
    }, limit)
    child.once('error', reject)
    child.once('close', (status, signal) => {
      clearTimeout(clock)
      resolve({ status, signal, stdout, stderr })
    })
  })
  return { child, marker, stdout: () => stdout, done }
}

/** The one line of `--usage=json` among what was written to stderr. Throws, showing all of it, if there is none. */
export function usageOf({ stderr }: CliResult): UsageLine {
  const line = stderr.split('\n').find((candidate) => candidate.startsWith('{'))
  if (line === undefined) throw new Error(`no usage in\n${stderr}`)
  return JSON.parse(line) as UsageLine
}

export interface UsageLine {
  status: number
  cause: string
  signal: string | null
  usage: Record<string, number>
  hits: { memory: number; pids: number; disk: boolean }
  leaks: { kind: string; pid?: number; command?: string; address?: string }[]
  limits: Record<string, unknown>
}
