import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const examples = dirname(dirname(fileURLToPath(import.meta.url)))

/** Runs a test runner with Node.js; resolves to the JSON report that it leaves and its exit code. An abort waits for it to end. */
export async function runRunner({ name, args, env }, signal) {
  signal.throwIfAborted()
  const scratch = mkdtempSync(join(tmpdir(), 'glovebox-demo-'))
  const report = join(scratch, 'report.json')
  try {
    const child = spawn(process.execPath, args(report), {
      env: { ...process.env, ...env?.(report) },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const interrupt = () => child.kill('SIGTERM')
    signal.addEventListener('abort', interrupt)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    const [code] = await once(child, 'close')
    signal.removeEventListener('abort', interrupt)
    signal.throwIfAborted()
    return { report: readReport(name, report, output), code }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function readReport(name, report, output) {
  try {
    return JSON.parse(readFileSync(report, 'utf8'))
  } catch (cause) {
    throw new Error(`${name} ended without a report:\n${output}`, { cause })
  }
}
