import { expect, test } from 'vitest'
import type { GloveboxOptions } from './options.js'
import { trialOptions, withRunOptions } from './run-options.js'

const run = (options: GloveboxOptions, environment: NodeJS.ProcessEnv, args: string[] = []) =>
  withRunOptions(options, { environment, args })

test('GLOVEBOX_REPORT wins over the table of the options, and leaves the rest', () => {
  const options = { network: 'host', report: { table: 'off', json: 'glovebox.json' } } as const
  expect(run(options, { GLOVEBOX_REPORT: 'full' })).toEqual({
    network: 'host',
    report: { table: 'full', json: 'glovebox.json' },
  })
  expect(run({ report: 'auto' }, { GLOVEBOX_REPORT: 'off' })).toEqual({ report: 'off' })
  expect(run(options, {})).toEqual(options)
})

test('a trial starts its worker afresh, prints no table, and brings options of its own', () => {
  const environment = { GLOVEBOX_TRIAL: '{"hostname":"other"}', GLOVEBOX_REPORT: 'full' }
  expect(run({ network: 'host', worker: 'fork', stress: 3 }, environment)).toEqual({
    network: 'host',
    worker: 'spawn',
    report: { table: 'off', github: 'off' },
  })
  expect(trialOptions(environment)).toEqual({ hostname: 'other' })
  expect(trialOptions({})).toBeUndefined()
})

test('a trial that changes a limit fails where the host cannot enforce it, a mere timeout aside', () => {
  const under = (limits: object) =>
    run({ onUnsupported: 'warn' }, { GLOVEBOX_TRIAL: JSON.stringify({ limits }) }).onUnsupported
  expect([under({ timeout: '1m' }), under({ timeout: '1m', cpus: 0.1 })]).toEqual(['warn', 'error'])
})

test.each([
  [{}, ['run', '--glovebox.stress', '20', 'a.test.ts'], 20],
  [{ GLOVEBOX_STRESS: '5' }, ['--', '--glovebox.stress=7'], 7],
  [{ GLOVEBOX_STRESS: '5' }, [], 5],
  [{ GLOVEBOX_STRESS: '' }, ['a.test.ts'], undefined],
])(
  'how often files are run stands in the environment or, above that, on the command line: %j %j',
  (environment, args, stress) => {
    expect(run({}, environment, args).stress).toBe(stress)
  },
)

test.each([
  [{}, ['--glovebox.stress'], '--glovebox.stress : a whole number'],
  [{}, ['--glovebox.stress', 'a.test.ts'], '--glovebox.stress a.test.ts: a whole number'],
  [{}, ['--glovebox.stress=0'], '--glovebox.stress=0: a whole number from 1 to 100000'],
  [{ GLOVEBOX_STRESS: 'many' }, [], 'GLOVEBOX_STRESS=many: a whole number'],
])('what is no number of runs is refused: %j %j', (environment, args, message) => {
  expect(() => run({}, environment, args)).toThrow(message)
})
