import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { examples, runRunner } from './run.js'

const jest = join(dirname(createRequire(import.meta.url).resolve('jest/package.json')), 'bin/jest.js')

/** Runs Jest with a configuration below examples/; resolves to the outcome of each file as `runVitest` has it, and Jest's exit code. */
export async function runJest(config, signal) {
  const options = ['--config', join(examples, config), '--json', '--outputFile']
  // The suite is made of ES modules.
  const args = (report) => ['--experimental-vm-modules', '--no-warnings', jest, ...options, report]
  const { report, code } = await runRunner({ name: 'Jest', args }, signal)
  const files = report.testResults.map(({ name, status, message, assertionResults }) => ({
    file: basename(name),
    state: status,
    error: assertionResults.flatMap(({ failureMessages }) => failureMessages)[0] ?? message,
  }))
  return { files, unhandled: [], code }
}
