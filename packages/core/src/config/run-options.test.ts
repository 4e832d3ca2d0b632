import { expect, test } from 'vitest'
import { trialOptions, withRunOptions } from './run-options.js'

test('GLOVEBOX_REPORT wins over the table of the options, and leaves the rest', () => {
  const options = { network: 'host', report: { table: 'off', json: 'glovebox.json' } } as const
  expect(withRunOptions(options, { GLOVEBOX_REPORT: 'full' })).toEqual({
    network: 'host',
    report: { table: 'full', json: 'glovebox.json' },
  })
  expect(withRunOptions({ report: 'auto' }, { GLOVEBOX_REPORT: 'off' })).toEqual({ report: 'off' })
  expect(withRunOptions(options, {})).toBe(options)
})

test('a trial starts its worker afresh, prints no table, and brings options of its own', () => {
  const environment = { GLOVEBOX_TRIAL: '{"hostname":"other"}', GLOVEBOX_REPORT: 'full' }
  expect(withRunOptions({ network: 'host', worker: 'fork' }, environment)).toEqual({
    network: 'host',
    worker: 'spawn',
    report: 'off',
  })
  expect(trialOptions(environment)).toEqual({ hostname: 'other' })
  expect(trialOptions({})).toBeUndefined()
})
