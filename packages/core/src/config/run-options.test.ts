import { expect, test } from 'vitest'
import { withRunOptions } from './run-options.js'

test('GLOVEBOX_REPORT wins over the table of the options, and leaves the rest', () => {
  const options = { network: 'host', report: { table: 'off', json: 'glovebox.json' } } as const
  expect(withRunOptions(options, { GLOVEBOX_REPORT: 'full' })).toEqual({
    network: 'host',
    report: { table: 'full', json: 'glovebox.json' },
  })
  expect(withRunOptions({ report: 'auto' }, { GLOVEBOX_REPORT: 'off' })).toEqual({ report: 'off' })
  expect(withRunOptions(options, {})).toBe(options)
})
