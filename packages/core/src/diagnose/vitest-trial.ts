import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { PassThrough } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { GloveboxError } from '../errors.js'
import type { RunnerResult, TrialTask } from './trial-types.js'

/** As much of Vitest's own types as is used; core depends on no runner. */
interface VitestNode {
  createVitest(
    mode: 'test',
    options: object,
    viteOverrides: object,
    streams: object,
  ): Promise<{
    projects: readonly { config: { pool: string } }[]
    start(filters: string[]): Promise<{ testModules: TestModule[]; unhandledErrors: unknown[] }>
    close(): Promise<void>
  }>
}

interface TestModule {
  moduleId: string
  errors(): readonly { name?: string; message: string }[]
  meta(): { glovebox?: RunnerResult['record'] }
  children: {
    allTests(): Iterable<{
      fullName: string
      result(): { state: string; errors?: readonly TestError[] }
    }>
  }
}

interface TestError {
  message: string
  stacks?: readonly { file: string; line: number }[]
}

/** Runs the file in a Vitest of its own, the project's. `output` takes what its reporter writes. */
export async function vitestTrial(task: TrialTask, output: PassThrough): Promise<RunnerResult> {
  const { root, file, testName, change } = task
  const beside = (change.beside ?? []).map((name) => join(root, name))
  const { createVitest } = (await import(moduleOf(root, 'vitest/node', 'vitest'))) as VitestNode
  const vitest = await createVitest(
    'test',
    {
      root,
      watch: false,
      reporters: task.keepOutput ? ['default'] : [silent],
      coverage: { enabled: false },
      // They would hide what is looked for.
      retry: 0,
      bail: 0,
      maxWorkers: 1 + beside.length,
      ...(change.alone && testName !== undefined && { testNamePattern: testName }),
      ...(change.shuffle !== undefined && { sequence: { shuffle: { tests: true }, seed: change.shuffle } }),
      ...(change.company && {
        pool: 'forks',
        isolate: false,
        fileParallelism: false,
        sequence: { sequencer: inOrder([...change.company, file]) },
      }),
    },
    task.include ? { plugins: [await plugin(root)] } : {},
    { stdout: output, stderr: output },
  )
  try {
    const { testModules, unhandledErrors } = await vitest.start([...(change.company ?? []), file, ...beside])
    const module = testModules.find(({ moduleId }) => moduleId === file)
    if (module === undefined) throw new GloveboxError('GLOVEBOX_CONFIG', `Vitest does not run ${file}`)
    return toResult(module, beside.length === 0 ? unhandledErrors : unhandledErrors.filter(isOf(file)))
  } finally {
    await vitest.close()
  }
}

/** A sequencer that runs files in the given order. */
function inOrder(files: readonly string[]): new () => object {
  return class {
    shard<T>(specifications: T): T {
      return specifications
    }

    sort(specifications: readonly { moduleId: string }[]): readonly { moduleId: string }[] {
      const place = ({ moduleId }: { moduleId: string }) => files.indexOf(moduleId)
      return specifications.toSorted((a, b) => place(a) - place(b))
    }
  }
}

/** Vitest writes down in whose run nobody caught an error. */
function isOf(file: string): (error: unknown) => boolean {
  return (error) => (error as { VITEST_TEST_PATH?: string }).VITEST_TEST_PATH === file
}

const silent = { onInit(): void {} }

async function plugin(root: string): Promise<unknown> {
  const { default: glovebox } = (await import(
    moduleOf(root, '@glovebox/vitest-plugin', '@glovebox/vitest-plugin')
  )) as { default: () => unknown }
  return glovebox()
}

function toResult(module: TestModule, unhandled: readonly unknown[]): RunnerResult {
  const text = ({ name, message }: { name?: string; message: string }) =>
    name === undefined || name === 'Error' ? message : `${name}: ${message}`
  return {
    tests: [...module.children.allTests()].map((test) => {
      const { state, errors = [] } = test.result()
      return {
        name: test.fullName.replaceAll(' > ', ' '),
        state: state === 'passed' || state === 'failed' ? state : 'skipped',
        message: errors[0]?.message ?? '',
        line: errors[0]?.stacks?.find(({ file }) => file === module.moduleId)?.line,
      }
    }),
    errors: [...module.errors(), ...unhandled.map((error) => error as Error)].map(text),
    record: module.meta().glovebox,
  }
}

/** URL of a module as the project sees it. Throws GLOVEBOX_CONFIG where it is not installed. */
export function moduleOf(root: string, name: string, packageName: string): string {
  try {
    return pathToFileURL(resolveIn(root, name, packageName)).href
  } catch (cause) {
    throw new GloveboxError('GLOVEBOX_CONFIG', `${packageName} is not installed in ${root}`, {
      remedy: `npm install --save-dev ${packageName}`,
      cause,
    })
  }
}

/** Packages for `import` only have no main file for `require`: their manifest says where they begin. */
function resolveIn(root: string, name: string, packageName: string): string {
  const require = createRequire(join(root, 'package.json'))
  const manifestPath = require.resolve(`${packageName}/package.json`)
  const { exports } = JSON.parse(readFileSync(manifestPath, 'utf8')) as { exports: Record<string, Target> }
  const target = exports[`.${name.slice(packageName.length)}`]
  return join(manifestPath, '..', pick(target))
}

type Target = string | { import?: Target; default?: Target } | undefined

function pick(target: Target): string {
  if (typeof target === 'string') return target
  if (target === undefined) throw new Error('not exported')
  return pick(target.import ?? target.default)
}
