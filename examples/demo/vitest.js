import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { examples, runRunner } from './run.js'

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')

/** Runs `vitest run` with a configuration below examples/; resolves to what demo/reporter.js saw, and Vitest's exit code. */
export async function runVitest(config, signal) {
  const path = join(examples, config)
  const args = [vitest, 'run', '--config', path, '--configLoader', 'native', '--root', dirname(path)]
  args.push('--reporter', join(examples, 'demo/reporter.js'))
  const env = (report) => ({ GLOVEBOX_DEMO_REPORT: report })
  const { report, code } = await runRunner({ name: 'Vitest', args: () => args, env }, signal)
  return { ...report, code }
}
