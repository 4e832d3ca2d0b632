import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Role, spawnAs } from '../harness/users.js'
import type { Host } from './targets.js'

/** What processes of a driver carry in their environment. */
export const markerOf = ({ targets }: Host): string => targets.abstract

/** Runs a driver of this folder, as a runner of that role, with the host's targets; its last line of stdout is JSON. */
export async function driven<Output>(
  role: Role,
  driver: string,
  spec: Record<string, unknown>,
  host: Host,
): Promise<Output> {
  const path = fileURLToPath(new URL(driver, import.meta.url))
  const child = spawn(process.execPath, [path, JSON.stringify({ ...spec, targets: host.targets })], {
    ...spawnAs(role, { ...host.env, GLOVEBOX_TEST_RUN: markerOf(host) }),
    cwd: host.targets.project,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  const status = await new Promise((resolve) => child.once('close', resolve))
  const line = stdout.trim().split('\n').at(-1)
  if (!line) throw new Error(`${driver} printed nothing, status ${status}`)
  return JSON.parse(line) as Output
}
