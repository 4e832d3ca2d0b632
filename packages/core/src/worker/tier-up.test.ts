import { expect, test } from 'vitest'
import { flagsFor } from './tier-up.js'

test.each([
  ['20.20.2', ['--interrupt-budget=540672']],
  ['24.1.0', ['--invocation-count-for-maglev=3200', '--invocation-count-for-turbofan=24000']],
  ['23.0.0', []],
])('on Node.js %s functions are optimised later, by flags that its V8 knows', (version, flags) => {
  expect(flagsFor(version, [])).toEqual(flags)
})

test('flags of the user win', () => {
  expect(flagsFor('20.20.2', ['--interrupt_budget=1000'])).toEqual([])
  expect(flagsFor('24.1.0', ['--invocation-count-for-maglev=1'])).toEqual([
    '--invocation-count-for-turbofan=24000',
  ])
})
