import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { measure } from '../../bench/lib/meter.js'

const plugin = import.meta.resolve('@glovebox/vitest-plugin')
/** What tests start as `node` is then the Node.js that runs them. */
const path = `${dirname(process.execPath)}:${process.env.PATH}`
const extensions = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs']
const configNames = ['vitest', 'vite'].flatMap((name) =>
  extensions.map((extension) => `${name}.config.${extension}`),
)

/** The checkout's own Vitest: where it is, and its version. Throws when it is not installed. */
export function findVitest(checkout) {
  const require = createRequire(pathToFileURL(join(checkout, 'package.json')))
  let manifest
  try {
    manifest = require.resolve('vitest/package.json')
  } catch (cause) {
    throw new Error(`${checkout} has no vitest installed: run its package manager's install there first`, {
      cause,
    })
  }
  return { command: join(dirname(manifest), 'vitest.mjs'), version: require(manifest).version }
}

/** Writes a configuration beside the project's own that adds the plugin to it; returns its path. The caller removes it. */
export function writeGloveboxConfig(checkout, options) {
  const own = configNames.find((name) => existsSync(join(checkout, name)))
  const file = join(checkout, `vitest.glovebox-compare-${process.pid}.config.mjs`)
  // The plugin is imported by a computed name, so that Vite's bundler of configurations leaves it alone.
  const content = `import { mergeConfig } from 'vitest/config'
${own ? `import own from './${own}'` : 'const own = {}'}
export default async (env) => {
  const { glovebox } = await import(new URL(${JSON.stringify(plugin)}).href)
  const config = await (typeof own === 'function' ? own(env) : own)
  return mergeConfig(config, { plugins: [glovebox(${JSON.stringify(options)})] })
}
`
  writeFileSync(file, content)
  return file
}

/** Runs the checkout's suite once: Vitest's JSON report, and CPU (where it can be measured) and wall clock in milliseconds. Failing tests are no error. */
export async function runSuite({ checkout, vitest, config, args = [] }) {
  const scratch = mkdtempSync(join(tmpdir(), 'glovebox-compare-'))
  const report = join(scratch, 'report.json')
  const own = [vitest.command, 'run', ...(config ? ['--config', config] : []), '--coverage.enabled=false']
  try {
    const { cpu, wall, output } = await measure({
      command: process.execPath,
      args: [...own, '--reporter=json', `--outputFile.json=${report}`, ...args],
      cwd: checkout,
      env: { PATH: path },
      mayFail: true,
    })
    if (!existsSync(report)) throw new Error(`Vitest ended without a report:\n${output}`)
    return { report: JSON.parse(readFileSync(report, 'utf8')), cpu, wall, output }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}
