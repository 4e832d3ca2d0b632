import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { measure } from '../lib/meter.js'

const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const jest = join(dirname(createRequire(import.meta.url).resolve('jest/package.json')), 'bin/jest.js')

/**
 * A generated suite of small files, transformed by babel-jest, under Jest's own workers and under Glovebox. Figures are for the whole
 * run, with a cache of transformed code that a run before has warmed. Jest's default reuses its processes for file after file.
 */
export function jestSuite({ files = 60, workers }) {
  const glovebox = (worker) => ({
    runner: '@glovebox/jest-env/runner',
    testEnvironmentOptions: { glovebox: { worker } },
  })
  const variants = [
    { name: 'reused workers', config: {} },
    { name: 'process per file', config: { workerIdleMemoryLimit: 0 } },
    { name: 'Glovebox', config: glovebox('fork') },
    { name: 'Glovebox, fresh workers', config: glovebox('spawn') },
  ]
  // Otherwise Jest runs few or fast files in its main process.
  const limit = workers === undefined ? [] : [`--maxWorkers=${Math.max(2, workers)}`]
  let folder
  return {
    title: `${files} small test files, one run of Jest (${workers ?? 'default'} workers)`,
    per: 'run',
    references: ['reused workers', 'process per file'],
    skipped: [],
    prepare() {
      folder = generate(files, variants)
      return () => rmSync(folder, { recursive: true, force: true })
    },
    variants: variants.map(({ name }, index) => ({
      name,
      async measure() {
        const measured = await measure({
          command: process.execPath,
          args: [jest, '--config', join(folder, `${index}.json`), ...limit],
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

/** Below the repository, so that its packages are found from there. */
function generate(count, variants) {
  const cache = join(repository, '.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'bench-'))
  const write = (name, content) => writeFileSync(join(folder, name), content)
  write('package.json', '{ "private": true }\n')
  variants.forEach(({ config }, index) => {
    write(
      `${index}.json`,
      JSON.stringify({ ...config, rootDir: folder, cacheDirectory: join(folder, 'cache') }),
    )
  })
  write('subject.js', subject)
  for (let index = 0; index < count; index++) write(`file-${index}.test.js`, testFile(index))
  return folder
}

const subject = `exports.add = (a, b) => a + b
exports.later = (value) => new Promise((resolve) => setImmediate(resolve, value))
`

const testFile = (index) => `const { join } = require('node:path')
const { add, later } = require('./subject.js')

describe('file ${index}', () => {
  test('adds', () => {
    expect(add(${index}, 1)).toBe(${index + 1})
  })
  test('joins', () => {
    expect(join('a', '${index}')).toBe('a/${index}')
  })
  test('waits', async () => {
    expect(await later({ index: ${index} })).toEqual({ index: ${index} })
  })
})
`
