/** A supervisor spoken to over its control socket as it is, without core: what it does with frames that core would never send. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'

export interface Answer {
  /** Records of the last frame. */
  records: Record<string, string>
  frames: number
  status: number | null
  signal: NodeJS.Signals | null
  stderr: string
}

export function frame(...records: string[]): Buffer {
  const payload = Buffer.from(records.map((record) => `${record}\0`).join(''), 'latin1')
  const header = Buffer.alloc(4)
  header.writeUInt32LE(payload.length)
  return Buffer.concat([header, payload])
}

/**
 * Sends bytes, waits until the supervisor has ended (after `frames` answers our end is closed, by default never) and returns what it
 * said. A supervisor that does not end is killed after 20 s: `signal` shows it.
 */
export async function converse(
  path: string,
  bytes: Buffer | ((runDir: string) => Buffer),
  { frames = Number.POSITIVE_INFINITY, env = {} }: { frames?: number; env?: Record<string, string> } = {},
): Promise<Answer> {
  const runDir = await mkdtemp(join(tmpdir(), 'glovebox-gbtest-'))
  const child = spawn(path, [], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const hang = setTimeout(() => child.kill('SIGKILL'), 20_000)
  try {
    return await answer(child, typeof bytes === 'function' ? bytes(runDir) : bytes, frames)
  } finally {
    clearTimeout(hang)
    child.kill('SIGKILL')
    await rm(runDir, { recursive: true, force: true })
  }
}

async function answer(child: ChildProcess, bytes: Buffer, enough: number): Promise<Answer> {
  const control = child.stdio[3] as Duplex
  let received = Buffer.alloc(0)
  let stderr = ''
  control.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    if (split(received).length >= enough) control.end()
  })
  control.on('error', () => {}) // it hung up before it read all
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk
  })
  const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.on('close', (status, signal) => resolve([status, signal]))
  })
  control.write(bytes)
  const [status, signal] = await ended
  const all = split(received)
  return { records: records(all.at(-1) ?? Buffer.alloc(0)), frames: all.length, status, signal, stderr }
}

function split(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = []
  let rest = bytes
  while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32LE()) {
    const end = 4 + rest.readUInt32LE()
    frames.push(rest.subarray(4, end))
    rest = rest.subarray(end)
  }
  return frames
}

function records(payload: Buffer): Record<string, string> {
  const entries = payload.toString('latin1').split('\0').filter(Boolean)
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  )
}
