import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { measure } from '../../bench/lib/meter.js'
import { jestArguments } from './jest-run.js'
import { vitestArguments, writeGloveboxConfig } from './vitest-run.js'

/** What tests start as `node` is then the Node.js that runs them. */
const path = `${dirname(process.execPath)}:${process.env.PATH}`

/** A checkout's own suite. Throws where neither runner is installed. `dispose` removes what was written into the checkout. */
export function openSuite(checkout, options) {
  const vitest = installed(checkout, 'vitest')
  if (vitest) {
    const config = writeGloveboxConfig(checkout, options)
    const command = join(vitest.directory, 'vitest.mjs')
    return {
      checkout,
      runner: `Vitest ${vitest.version}`,
      arguments: (glovebox, report) => [command, ...vitestArguments(glovebox ? config : undefined, report)],
      dispose: () => rmSync(config, { force: true }),
    }
  }
  const jest = installed(checkout, 'jest')
  if (!jest) {
    throw new Error(
      `${checkout} has no vitest installed, nor jest: run its package manager's install there first`,
    )
  }
  const command = join(jest.directory, 'bin/jest.js')
  return {
    checkout,
    runner: `Jest ${jest.version}`,
    arguments: (glovebox, report) => [command, ...jestArguments(glovebox ? options : undefined, report)],
    dispose: () => {},
  }
}

/** Runs it once: the runner's JSON report, and CPU (where it can be measured) and wall clock in milliseconds. Failing tests are no error. */
export async function runSuite(suite, { glovebox, args = [] }) {
  const scratch = mkdtempSync(join(tmpdir(), 'compare-'))
  const report = join(scratch, 'report.json')
  try {
    const { cpu, wall, output } = await measure({
      command: process.execPath,
      args: [...suite.arguments(glovebox, report), ...args],
      cwd: suite.checkout,
      env: { PATH: path },
      mayFail: true,
    })
    if (!existsSync(report)) throw new Error(`${suite.runner} ended without a report:\n${output}`)
    return { report: JSON.parse(readFileSync(report, 'utf8')), cpu, wall, output }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function installed(checkout, name) {
  const require = createRequire(pathToFileURL(join(checkout, 'package.json')))
  try {
    const manifest = require.resolve(`${name}/package.json`)
    return { directory: dirname(manifest), version: require(manifest).version }
  } catch {
    return undefined
  }
}
