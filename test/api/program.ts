/** Runs the programs of this folder as root or as the ordinary user: each uses the package as another tool would. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Ending, GloveboxOptions, Limits, Profile } from '@glovebox/core'
import { endProcesses, leftovers, type Snapshot, snapshot } from '../harness/leftovers.js'
import { identityOf, type Role, spawnAs } from '../harness/users.js'
import { waitFor } from '../harness/wait-for.js'

export const roles: readonly Role[] = ['root', 'user']

export interface ProgramResult<Output> {
  output: Output
  status: number | null
  stderr: string
  /** What was left on the machine a moment after the program ended. */
  left: string[]
}

export interface RunSpec {
  command: readonly string[]
  /** A policy as users write it, instead of a profile. */
  options?: GloveboxOptions
  profile?: Partial<Omit<Profile, 'limits'>> & { limits?: Partial<Limits> }
  env?: Record<string, string>
  cwd?: string
}

export interface RunOutput {
  ending: Ending
  stdout: string
  stderr: string
  notices: string[]
  hits: string[]
  pid: number
}

/** One command in a sandbox of its own, to its end. Throws if anything is left behind. */
export async function run(role: Role, spec: RunSpec): Promise<RunOutput> {
  const { output, left } = await program<RunOutput>(role, 'run', spec)
  if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`)
  return output
}

/** Runs `programs/NAME.mjs` with a specification; its last line of stdout is JSON. `through`: a command to start it with. */
export async function program<Output>(
  role: Role,
  name: string,
  spec: unknown = {},
  env: Record<string, string> = {},
  through: readonly string[] = [],
): Promise<ProgramResult<Output>> {
  const marker = randomUUID()
  const before = snapshot()
  // A temporary directory of its own: others may run on this machine at the same time.
  const temporary = mkdtempSync(join(tmpdir(), 'gbtest-'))
  const { uid, gid } = identityOf(role)
  chownSync(temporary, uid, gid)
  const path = fileURLToPath(new URL(`programs/${name}.mjs`, import.meta.url))
  const [command = '', ...args] = [...through, process.execPath, path, JSON.stringify(spec)]
  const child = spawn(command, args, {
    ...spawnAs(role, {
      TMPDIR: temporary,
      GLOVEBOX_TEST_RUN: marker,
      GLOVEBOX_SUPERVISOR: process.env.GLOVEBOX_SUPERVISOR,
      ...env,
    }),
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    stderr += chunk
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const closed = new Promise((resolve) => child.once('close', resolve))
  try {
    const status = await ended
    const left = await settle(before, marker, temporary)
    await closed
    const line = stdout.trim().split('\n').at(-1) ?? ''
    if (line === '') throw new Error(`${name}.mjs printed nothing, status ${status}\n${stderr}`)
    return { output: JSON.parse(line) as Output, status, stderr, left }
  } finally {
    endProcesses(marker)
    rmSync(temporary, { recursive: true, force: true })
  }
}

/** What is left once it no longer shrinks: the supervisor is given the second that it may take. */
async function settle(before: Snapshot, marker: string, temporary: string): Promise<string[]> {
  const left = (): string[] => [
    ...leftovers(before, marker).filter(
      (line) => !line.startsWith('directory ') && !line.includes('/gbtest-'),
    ),
    ...readdirSync(temporary).map((name) => `directory ${name}`),
  ]
  await waitFor('the supervisor to clean up', () => left().length === 0, { limit: 3000 }).catch(() => {})
  return left()
}
