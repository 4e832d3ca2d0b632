/**
 * That forked workers have proved themselves, kept in the user's cache directory: one small file for each combination of Node.js, library and
 * flags. Failures are not kept: their cause may pass.
 */
import { createHash, randomUUID } from 'node:crypto'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { homedir, release } from 'node:os'
import { isAbsolute, join } from 'node:path'

/** Days after which a test is due again, so that files of what is no longer there go, too. */
const VALID_DAYS = 30
const DAY = 86_400_000

export interface Proof {
  /** `undefined`: this user has none, so that each run tests anew. */
  directory: string | undefined
  /** What was tested. */
  subject: string
}

export interface ProofInput {
  /** Path of glovebox-fork.so. */
  library: string
  execArgv: readonly string[]
  env: Readonly<Record<string, string>>
}

/** Changes with everything that decides whether a fork works: the files that run in it, the kernel, the flags. */
export function proofOf({ library, execArgv, env }: ProofInput): Proof {
  const subject = JSON.stringify({
    node: process.version,
    executable: fileState(process.execPath),
    library: createHash('sha256').update(readFileSync(library)).digest('hex'),
    libc: fileState(mappedLibc() ?? ''),
    kernel: release(),
    execArgv,
    options: env.NODE_OPTIONS ?? '',
    preload: env.LD_PRELOAD ?? '',
  })
  const cache = cacheDirectory()
  return { directory: cache && join(cache, 'glovebox', 'forks'), subject }
}

function cacheDirectory(): string | undefined {
  const { XDG_CACHE_HOME: own } = process.env
  if (own && isAbsolute(own)) return own
  try {
    return join(homedir(), '.cache')
  } catch {
    return undefined // neither HOME nor an entry in the list of users
  }
}

/** Whatever is wrong with the file, or with the directory, means no. */
export function isProven(proof: Proof, now: number = Date.now()): boolean {
  if (proof.directory === undefined) return false
  try {
    const path = pathOf(proof.directory, proof)
    return now - statSync(path).mtimeMs < VALID_DAYS * DAY && readFileSync(path, 'utf8') === proof.subject
  } catch {
    return false
  }
}

/** Where it cannot be written, the next run tests again. Whoever does so at the same time writes the same. */
export function rememberProof(proof: Proof): void {
  const { directory, subject } = proof
  if (directory === undefined) return
  try {
    mkdirSync(directory, { recursive: true })
    removeOld(directory)
    const temporary = join(directory, `.${randomUUID()}`)
    writeFileSync(temporary, subject)
    renameSync(temporary, pathOf(directory, proof))
  } catch {
    // A cache directory that is read-only, missing or full.
  }
}

function pathOf(directory: string, { subject }: Proof): string {
  return join(directory, createHash('sha256').update(subject).digest('hex'))
}

function removeOld(directory: string): void {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name)
    try {
      if (Date.now() - statSync(path).mtimeMs > VALID_DAYS * DAY) unlinkSync(path)
    } catch {
      // Another process was faster.
    }
  }
}

function mappedLibc(): string | undefined {
  return /\s(\/\S*\/libc\.so\.6)$/m.exec(readFileSync('/proc/self/maps', 'utf8'))?.[1]
}

function fileState(path: string): string {
  const { size = 0, mtimeMs = 0, ino = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {}
  return `${path} ${size} ${mtimeMs} ${ino}`
}
