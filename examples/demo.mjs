// Shows what Glovebox is for: a suite whose files get in each other's way, without it and with it; then files that hit limits.
// Ends with 0 only if all came out as described in demo/judge.js.
import { createConnection } from 'node:net'
import { runJest } from './demo/jest.js'
import { judgeLimits, judgeSuite } from './demo/judge.js'
import { printLimits, printProblems, printSuite, printTitle } from './demo/print.js'
import { runVitest } from './demo/vitest.js'
import { stopEverything } from './vitest/src/daemon.js'
import { port } from './vitest/src/paths.js'

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => interrupted.abort(new Error(`ended by ${signal}`)))
}

try {
  process.exitCode = (await demo(interrupted.signal)).length === 0 ? 0 : 1
} catch (error) {
  console.error(interrupted.signal.aborted ? interrupted.signal.reason.message : error.message)
  process.exitCode = 1
}

async function demo(signal) {
  await stopEverything()
  if (await isTaken(port))
    throw new Error(`Port ${port} is in use on this machine; the demo's service needs it. Free it first.`)

  printTitle('1. A suite whose files share a port, a file, a daemon and memory (examples/vitest)')
  const plain = await thenSweep(runVitest('vitest/vitest.plain.config.js', signal))
  const sandboxed = await runVitest('vitest/vitest.config.js', signal)
  printSuite(plain, sandboxed)

  printTitle('2. Files that hit a limit (examples/limits)')
  const limits = await runVitest('limits/vitest.config.js', signal)
  printLimits(limits)

  printTitle('3. The suite of 1. through Jest, not a line of it changed (examples/jest)')
  const plainJest = await thenSweep(runJest('jest/jest.plain.config.js', signal))
  const sandboxedJest = await runJest('jest/jest.config.js', signal)
  printSuite(plainJest, sandboxedJest, 'Jest')

  printTitle('As described?')
  const problems = [
    ...judgeSuite(plain, sandboxed),
    ...judgeLimits(limits),
    ...judgeSuite(plainJest, sandboxedJest, 'Jest'),
  ]
  printProblems(problems)
  return problems
}

/** Without a sandbox, what the suite leaves behind stays on this machine: the demo sweeps it. */
async function thenSweep(run) {
  try {
    return await run
  } finally {
    await stopEverything()
  }
}

function isTaken(port) {
  return new Promise((resolve) => {
    const connection = createConnection(port, '127.0.0.1')
    connection.once('error', () => resolve(false))
    connection.once('connect', () => {
      connection.destroy()
      resolve(true)
    })
  })
}
