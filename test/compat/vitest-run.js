import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const plugin = import.meta.resolve('@glovebox/vitest-plugin')
const extensions = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs']
const configNames = ['vitest', 'vite'].flatMap((name) =>
  extensions.map((extension) => `${name}.config.${extension}`),
)

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

/** How Vitest is called; `undefined`: with the project's own configuration. */
export function vitestArguments(config, report) {
  return [
    'run',
    ...(config ? ['--config', config] : []),
    '--coverage.enabled=false',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]
}
