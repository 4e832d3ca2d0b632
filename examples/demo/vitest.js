import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const examples = dirname(dirname(fileURLToPath(import.meta.url)))
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')

/** Runs `vitest run` with a configuration below examples/; resolves to what demo/reporter.js saw, and Vitest's exit code. An abort waits for Vitest to end. */
export async function runVitest(config, signal) {
  signal.throwIfAborted()
  const scratch = mkdtempSync(join(tmpdir(), 'glovebox-demo-'))
  const report = join(scratch, 'report.json')
  const args = ['run', '--config', join(examples, config), '--configLoader', 'native']
  args.push('--root', dirname(join(examples, config)), '--reporter', join(examples, 'demo/reporter.js'))
  try {
    const child = spawn(process.execPath, [vitest, ...args], {
      env: { ...process.env, GLOVEBOX_DEMO_REPORT: report },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const interrupt = () => child.kill('SIGTERM')
    signal.addEventListener('abort', interrupt)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    const [code] = await once(child, 'close')
    signal.removeEventListener('abort', interrupt)
    signal.throwIfAborted()
    return { ...readReport(report, output), code }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function readReport(report, output) {
  try {
    return JSON.parse(readFileSync(report, 'utf8'))
  } catch (cause) {
    throw new Error(`Vitest ended without a report:\n${output}`, { cause })
  }
}
