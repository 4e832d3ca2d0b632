/** Each change of `glovebox diagnose`, in one real trial: what it breaks fails, and everything else passes, as it all does without a change. */
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Laboratory } from '../../packages/core/dist/diagnose/laboratory.js'
import { openLaboratory } from '../../packages/core/dist/diagnose/laboratory.js'
import type { Change } from '../../packages/core/dist/diagnose/perturbation.js'
import type { RunnerName, TrialResult, TrialTask } from '../../packages/core/dist/diagnose/trial-types.js'
import type { Fixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import { nodeBinary } from '../setup/matrix.mjs'
import { createProject, diagnose } from './support.js'

/** Names what it finds changed, a test each. */
const probes = (imports: string) => `
${imports}
const inTmp = (directory) => fs.readdirSync(directory)

test('contention', () => {
  const commands = inTmp('/proc').filter((name) => /^\\d+$/.test(name)).map((pid) => {
    try { return fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8') } catch { return '' }
  })
  expect(commands.filter((command) => command.includes('while :'))).toEqual([])
})
test('slow files', async () => {
  const begun = performance.now()
  for (let count = 0; count < 30; count++) await fs.promises.readFile('/etc/hosts')
  expect(performance.now() - begun).toBeLessThan(30 * 100)
})
test('litter', () => { expect(inTmp('/tmp')).not.toContain('test.txt') })
test('company', () => {
  expect(inTmp('/tmp')).not.toContain('left-by-company')
  expect(process.cwd()).toBe(fs.realpathSync('.'))
})
test('copies', async () => {
  if (os.tmpdir() === '/tmp') return
  fs.writeFileSync(os.tmpdir() + '/of-' + process.ppid + Math.random(), '')
  for (let count = 0; count < 200 && inTmp(os.tmpdir()).length < 2; count++) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  expect(inTmp(os.tmpdir())).toHaveLength(1)
})
test('service', async () => {
  if (process.env.SERVICE_PORT === undefined) return
  const socket = net.connect(Number(process.env.SERVICE_PORT), '127.0.0.1')
  const said = await new Promise((resolve, reject) => socket.once('error', reject).once('data', resolve))
  socket.destroy()
  expect(String(said)).toBe('hello')
})
`

const company = (imports: string) => `
${imports}
test('leaves a file', () => { fs.writeFileSync('/tmp/left-by-company', ''); expect(1).toBe(1) })
`

interface Bench extends AsyncDisposable {
  project: Fixture
  trial(change: Change, more?: Partial<TrialTask>): Promise<TrialResult>
  /** Names of the tests that failed. */
  failing(change: Change): Promise<string[]>
}

function openBench(project: Fixture, runner: RunnerName, include: boolean): Bench {
  const laboratory: Laboratory = openLaboratory(project.dir, 1, new AbortController().signal)
  const { scratch } = laboratory
  const trial: Bench['trial'] = (change, more) =>
    laboratory.run({
      runner,
      root: project.dir,
      file: project.path('probes.test.js'),
      change,
      include,
      scratch,
      keepOutput: false,
      ...more,
    })
  return {
    project,
    trial,
    failing: async (change) => {
      const { outcome } = await trial(change)
      if (outcome.kind === 'unusable') throw new Error(outcome.reason)
      return outcome.kind === 'passed' ? [] : outcome.failures.map((failure) => failure.test)
    },
    [Symbol.asyncDispose]: async () => {
      await laboratory.close()
      await project.remove()
    },
  }
}

describe('Vitest 4.1', () => {
  requires('root', 'vitest4.1', 'node24')
  const imports = `import fs from 'node:fs'\nimport os from 'node:os'\nimport net from 'node:net'\nimport { expect, test } from 'vitest'`
  const service = createServer((socket) => socket.end('hello'))
  let bench: Bench

  beforeAll(async () => {
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
    const { port } = service.address() as { port: number }
    const project = await createProject({
      vitest: '4.1',
      files: {
        'vitest.config.js': `
import { glovebox } from '@glovebox/vitest-plugin'
export default { plugins: [glovebox({ network: { forward: ['${port}'] }, env: { set: { SERVICE_PORT: '${port}' } } })] }`,
        'probes.test.js': probes(imports),
        'company.test.js': company(imports),
      },
    })
    bench = openBench(project, 'vitest', false)
  })
  afterAll(async () => {
    await bench?.[Symbol.asyncDispose]()
    await new Promise((resolve) => service.close(resolve))
  })

  test('without a change nothing fails, and the service that was reached is seen', async () => {
    const { port } = service.address() as { port: number }
    const { outcome, observation, network } = await bench.trial({}, { observe: true })
    expect(outcome).toEqual({ kind: 'passed' })
    expect(observation).toMatchObject({ talks: true, services: [port], ports: [] })
    expect(network).toBe('policy')
  })

  test('busy programs, slow files, files of others and a service that is down change that alone', async () => {
    const { port } = service.address() as { port: number }
    expect(await bench.failing({ inside: { rivals: 2 } })).toEqual(['contention'])
    expect(await bench.failing({ inside: { slowFiles: 100 } })).toEqual(['slow files'])
    expect(await bench.failing({ inside: { litter: true } })).toEqual(['litter'])
    expect(await bench.failing({ inside: { refuse: [port] } })).toEqual(['service'])
  })

  test('a second copy meets the first in their directory, files before it in their worker', async () => {
    expect(await bench.failing({ copies: 2 })).toEqual(['copies'])
    // The sandbox around the whole runner has no service.
    expect(await bench.failing({ company: [] })).toEqual([])
    expect(await bench.failing({ company: [bench.project.path('company.test.js')] })).toEqual(['company'])
  })

  test('what blocks the event loop goes by a clock that a test cannot stop', async () => {
    const stopped = `${imports.replace('test }', 'test, vi }')}
test('time stands still', async () => {
  const { setTimeout } = globalThis
  vi.useFakeTimers()
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(performance.now()).toBe(performance.now())
})`
    await bench.project.write({ 'clock.test.js': stopped })
    const change = { inside: { stall: { block: 80, pause: 20 } } }
    const { outcome } = await bench.trial(change, { file: bench.project.path('clock.test.js') })
    expect(outcome).toEqual({ kind: 'passed' })
  })

  test('another Node.js runs it', async () => {
    await bench.project.write({
      'version.test.js': `${imports}\ntest('version', () => {\n  expect(process.version).toBe('none')\n})`,
    })
    const { outcome } = await bench.trial(
      { node: nodeBinary(24) },
      { file: bench.project.path('version.test.js') },
    )
    expect(outcome).toMatchObject({
      kind: 'failed',
      failures: [
        {
          message: expect.stringMatching(/^expected 'v24\./),
          line: 6,
          text: "expect(process.version).toBe('none')",
        },
      ],
    })
  })

  test('an adapter that does not know of trials is found out', async () => {
    await bench.project.write({
      'vitest.config.js': `
import { glovebox } from '@glovebox/vitest-plugin'
delete process.env.GLOVEBOX_TRIAL
export default { plugins: [glovebox()] }`,
    })
    const { stderr, status } = await diagnose(bench.project, ['company.test.js', '--runner', 'vitest'])
    expect(stderr).toContain('did not take what the trial changes')
    expect(status).toBe(2)
  })
})

describe('Jest 30', () => {
  requires('root', 'jest30')

  test('files of others, copies, and files before it in the same process', async () => {
    const imports = `const fs = require('node:fs')\nconst os = require('node:os')\nconst net = require('node:net')`
    const project = await createProject({
      jest: '30',
      files: { 'probes.test.js': probes(imports), 'company.test.js': company(imports) },
    })
    await using bench = openBench(project, 'jest', true)
    expect(await bench.failing({})).toEqual([])
    expect(await bench.failing({ inside: { litter: true } })).toEqual(['litter'])
    expect(await bench.failing({ copies: 2 })).toEqual(['copies'])
    expect(await bench.failing({ company: [project.path('company.test.js')] })).toEqual(['company'])
  })
})
