/**
 * Runs a test file that does nothing through the whole of Jest, in a template, so that what every file loads, compiles and allocates
 * is there when workers are forked: jest-runner, jest-circus, the environment, the resolver, and the transformer of the project. None of the
 * project's own code is run. The file exists for Jest alone; nothing is written.
 */
import { join } from 'node:path'
import type { Config } from '@jest/types'
import { debug } from './ahead.js'
import { announceFacts, type ToldFacts } from './facts.js'
import { type JestModules, loadCacheWriter, loadGracefulFs, loadJest } from './jest-modules.js'
import { makeAdoptable, makeAhead, runtimePath } from './make-ahead.mjs'
import { type Outcome, runTest } from './run-test.mjs'

export interface WarmUp {
  jestRunner: string
  config: Config.ProjectConfig
  globalConfig: Config.GlobalConfig
}

/** How often the file's tests run: enough for the hot paths to have been compiled. */
const TESTS = 3
/** jsdom's own code is shared by all its windows: how often it does a little of everything. */
const DOCUMENTS = 20

const program = `
describe('warm-up', () => {
  beforeEach(() => {})
  if (typeof document === 'object') {
    test('document', () => {
      for (let i = 0; i < ${DOCUMENTS}; i++) {
        document.body.innerHTML = '<main><form><label for="a">a</label><input id="a" name="a"><button class="b">add</button></form><ul></ul></main>'
        const form = document.querySelector('form')
        const list = document.querySelector('ul')
        form.addEventListener('submit', (event) => {
          event.preventDefault()
          const item = document.createElement('li')
          item.textContent = form.elements.a.value
          item.className = item.dataset.index = 'c'
          item.setAttribute('title', 'd')
          list.append(item)
        })
        document.getElementById('a').value = 'text'
        form.querySelector('button.b').click()
        expect(list.querySelectorAll('li:nth-child(odd), [data-index="c"]')).toHaveLength(1)
        expect(getComputedStyle(list.firstChild).display + list.outerHTML).toContain('text')
      }
    })
  }
  for (let i = 0; i < ${TESTS}; i++) {
    test('test ' + i, async () => {
      await null
      expect(1).toBe(1)
      expect({ a: [1, 2] }).toEqual({ a: [1, 2] })
      expect('abc').toContain('b')
      expect([1]).toHaveLength(1)
      expect(() => { throw new Error('expected') }).toThrow('expected')
    })
  }
})
`

/** Whatever does not work out here is made for each file, as ever: there are templates all the same, if not as warm ones. */
export async function warm(argument: unknown): Promise<void> {
  const warmUp = argument as WarmUp
  const { config, globalConfig, jestRunner } = warmUp
  try {
    makeAdoptable(config.testEnvironment)
    const outcome = await runWarmUp(warmUp)
    if ('error' in outcome || config.runtime !== runtimePath) return
    await makeAhead(loadJest(jestRunner), config, globalConfig, pathOf(config))
  } catch (error) {
    debug('nothing was made ahead: %s', error)
  }
}

export async function runWarmUp({ jestRunner, config, globalConfig }: WarmUp): Promise<Outcome> {
  const jest = loadJest(jestRunner)
  const file = pathOf(config)
  const restore = pretend(jest, file)
  announceFacts({ limits: {}, network: 'none', hostname: '' } as ToldFacts)
  try {
    return await runTest(
      jest,
      {
        path: file,
        config: { ...config, ...nothingOfTheUser },
        globalConfig: { ...globalConfig, collectCoverage: false, silent: true, verbose: false, watch: false },
        // The file imports nothing; and with modules called by name, this would be large.
        moduleMap: { duplicates: [], map: [], mocks: [], rootDir: config.rootDir },
        changedFiles: undefined,
        sourcesRelatedToTestsInChangedFiles: undefined,
        workerId: '1',
      },
      () => {},
    )
  } finally {
    restore()
  }
}

const nothingOfTheUser: Partial<Config.ProjectConfig> = {
  detectLeaks: false,
  extensionsToTreatAsEsm: [],
  resetModules: false,
  setupFiles: [],
  setupFilesAfterEnv: [],
  snapshotSerializers: [],
}

function pathOf(config: Config.ProjectConfig): string {
  return join(config.rootDir, `.glovebox-warm-up.test.${extension(config)}`)
}

/** What a project's transformers take; `js` if they take nothing. */
function extension({ transform }: Config.ProjectConfig): string {
  const taken = ['js', 'ts', 'jsx', 'tsx'].find((each) =>
    transform.some(([pattern]) => new RegExp(pattern).test(`/a.test.${each}`)),
  )
  return taken ?? 'js'
}

/** Lets Jest read the file though it is not there, and keep what it makes of it to itself. */
function pretend(jest: JestModules, file: string): () => void {
  const fs = loadGracefulFs(jest)
  const writer = loadCacheWriter(jest)
  const { readFileSync, statSync } = fs
  const { sync } = writer
  fs.readFileSync = (...input) =>
    // Never the same twice: otherwise the transformer would not be asked.
    input[0] === file ? `${program}// ${process.hrtime.bigint()}` : readFileSync(...input)
  fs.statSync = (...input) => (input[0] === file ? statSync(jest.path) : statSync(...input))
  writer.sync = () => {}
  return () => {
    Object.assign(fs, { readFileSync, statSync })
    writer.sync = sync
  }
}
