import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isInstalled, modulesOf } from '../../test/setup/matrix.mjs'
import { measure } from './meter.js'

const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
/** With jsdom and happy-dom, which the workspace's own Vitest lacks. */
const packages = modulesOf('vitest-4.1')

export const forks = { name: 'forks', args: ['--pool', 'forks'] }
export const threads = { name: 'threads', args: ['--pool', 'threads'] }
export const shared = [forks, threads].map(({ name, args }) => ({
  name: `${name} --no-isolate`,
  args: [...args, '--no-isolate'],
}))
export const glovebox = { name: 'Glovebox', config: 'vitest.forked.config.js', args: [] }
export const fresh = { name: 'Glovebox, fresh workers', config: 'vitest.fresh.config.js', args: [] }

/**
 * A generated suite under several pools; figures are for the whole run. `sources`: path → content of its files, `count` of which hold
 * tests. `test`: more of Vitest's configuration. `read`: makes what a run measured and printed into a sample.
 */
export function vitestSuite({
  title,
  sources,
  count,
  workers,
  variants,
  test = {},
  references = ['forks', 'threads'],
  read = (sample) => sample,
}) {
  const limit = workers === undefined ? [] : ['--maxWorkers', String(workers)]
  const reason = isInstalled('vitest-4.1') ? undefined : 'Vitest 4.1 is not installed (npm run setup)'
  let folder
  return {
    title: `${title}, one run of Vitest (${workers ?? 'default'} workers)`,
    per: 'run',
    references,
    skipped: reason ? variants.map(({ name }) => ({ name, reason })) : [],
    /** Where its files are, once it is prepared. */
    folder: () => folder,
    prepare() {
      if (reason) return undefined
      folder = generate(sources, test)
      return () => rmSync(folder, { recursive: true, force: true })
    },
    variants: (reason ? [] : variants).map(({ name, config = 'vitest.config.js', args }) => ({
      name,
      async measure() {
        const measured = await measure({
          command: process.execPath,
          args: [
            join(packages, 'vitest/vitest.mjs'),
            ...['run', '--config', join(folder, config), '--configLoader', 'native', '--reporter', 'dot'],
            ...limit,
            ...args,
          ],
          cwd: folder,
          env: { NO_COLOR: '1' },
        })
        if (!measured.output.includes(`Test Files  ${count} passed (${count})`))
          throw new Error(`${name} did not pass all ${count} files:\n${measured.output}`)
        return read(measured, folder)
      },
    })),
  }
}

/** `count` test files, numbered. */
export function numbered(count, content) {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`file-${index}.test.js`, content(index)]),
  )
}

/** Below the repository, so that Glovebox's packages are found from there. */
function generate(sources, test) {
  const cache = join(repository, '.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, `bench-${process.pid}-`))
  mkdirSync(join(folder, 'node_modules'))
  for (const name of ['vitest', 'jsdom', 'happy-dom'])
    symlinkSync(join(packages, name), join(folder, 'node_modules', name))
  const config = (imports, plugins) =>
    `${imports}export default { ${plugins} cacheDir: '.vite', test: ${JSON.stringify({ include: ['*.test.js'], ...test })} }\n`
  const imports = "import { glovebox } from '@glovebox/vitest-plugin'\n"
  const all = {
    'package.json': '{ "type": "module", "private": true }\n',
    'vitest.config.js': config('', ''),
    'vitest.forked.config.js': config(imports, "plugins: [glovebox({ worker: 'fork' })],"),
    'vitest.fresh.config.js': config(imports, "plugins: [glovebox({ worker: 'spawn' })],"),
    ...sources,
  }
  for (const [name, content] of Object.entries(all)) writeFileSync(join(folder, name), content)
  return folder
}
