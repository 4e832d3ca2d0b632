import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isInstalled, modulesOf } from '../../test/setup/matrix.mjs'
import { measure } from './meter.js'

const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
/** With jsdom, which the workspace's own Jest lacks. */
const packages = modulesOf('jest-30')
const runner = fileURLToPath(import.meta.resolve('@glovebox/jest-env/runner'))

const glovebox = (worker) => ({ runner, testEnvironmentOptions: { glovebox: { worker } } })
const kinds = [
  { name: 'reused workers', config: {} },
  { name: 'process per file', config: { workerIdleMemoryLimit: 0 } },
  { name: 'Glovebox', config: glovebox('fork') },
  { name: 'Glovebox, fresh workers', config: glovebox('spawn') },
]

/**
 * A generated suite, transformed by babel-jest, under Jest's own workers and under Glovebox. Figures are for the whole run; each variant's
 * cache of transformed code is warm from the second round on. Jest's default reuses its processes for file after file. `content`: of a test file,
 * told its index; `sources`: path → content of others; `config`: more of Jest's configuration.
 */
export function jestSuite({ title, files, workers, content, sources = {}, config = {} }) {
  const reason = isInstalled('jest-30') ? undefined : 'Jest 30 is not installed (npm run setup)'
  // Otherwise Jest runs few or fast files in its main process.
  const limit = workers === undefined ? [] : [`--maxWorkers=${Math.max(2, workers)}`]
  let folder
  return {
    title: `${title}, one run of Jest (${workers ?? 'default'} workers)`,
    per: 'run',
    references: ['reused workers', 'process per file'],
    skipped: reason ? kinds.map(({ name }) => ({ name, reason })) : [],
    prepare() {
      if (reason) return undefined
      const tests = Array.from({ length: files }, (_, index) => [`file-${index}.test.js`, content(index)])
      folder = generate({ ...sources, ...Object.fromEntries(tests) }, config)
      return () => rmSync(folder, { recursive: true, force: true })
    },
    variants: (reason ? [] : kinds).map(({ name }, index) => ({
      name,
      async measure() {
        const measured = await measure({
          command: process.execPath,
          args: [join(packages, 'jest/bin/jest.js'), '--config', join(folder, `${index}.json`), ...limit],
          cwd: folder,
          env: { NO_COLOR: '1' },
        })
        if (!measured.output.includes(`Test Suites: ${files} passed, ${files} total`)) {
          throw new Error(`${name} did not pass all ${files} files:\n${measured.output}`)
        }
        return measured
      },
    })),
  }
}

function generate(sources, config) {
  const cache = join(repository, '.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, `bench-${process.pid}-`))
  const write = (name, content) => writeFileSync(join(folder, name), content)
  symlinkSync(packages, join(folder, 'node_modules'))
  write('package.json', '{ "private": true }\n')
  kinds.forEach((kind, index) => {
    const whole = { ...config, ...kind.config, rootDir: folder, cacheDirectory: join(folder, 'cache') }
    write(`${index}.json`, JSON.stringify(whole))
  })
  for (const [name, content] of Object.entries(sources)) write(name, content)
  return folder
}
