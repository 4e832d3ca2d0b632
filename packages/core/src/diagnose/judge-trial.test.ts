import { expect, test } from 'vitest'
import { judgeTrial } from './judge-trial.js'
import type { RunnerResult } from './trial-types.js'

const record = { usage: {}, verdict: { kind: 'passed-through' } }
const passed = { name: 'cart adds', state: 'passed', message: '' } as const
const failed = { name: 'cart removes', state: 'failed', message: '\u001b[31m\nexpected 1\nmore' } as const
const skipped = { name: 'cart sorts', state: 'skipped', message: '' } as const
const source = (testName?: string, text = '') => ({ name: 'a.test.ts', text, testName })
const result = (more: Partial<RunnerResult>): RunnerResult => ({ tests: [], errors: [], record, ...more })

test('a file passes if its tests do, and fails with the first line of what a test said', () => {
  expect(judgeTrial(result({ tests: [passed, skipped] }), source())).toEqual({ kind: 'passed' })
  expect(judgeTrial(result({ tests: [passed, failed] }), source())).toEqual({
    kind: 'failed',
    failures: [{ test: 'cart removes', message: 'expected 1' }],
  })
})

test('with a name only the tests that match count', () => {
  expect(judgeTrial(result({ tests: [passed, failed] }), source('ADDS'))).toEqual({ kind: 'passed' })
  expect(judgeTrial(result({ tests: [passed, failed] }), source('sorts')).kind).toBe('unusable')
})

test('an error of the file fails it, unless the test that was named had passed', () => {
  const killed = result({ tests: [passed, skipped], errors: ['Glovebox: Memory limit: …'] })
  expect(judgeTrial(killed, source())).toMatchObject({ failures: [{ test: 'a.test.ts' }] })
  expect(judgeTrial(killed, source('sorts')).kind).toBe('failed')
  expect(judgeTrial(killed, source('adds')).kind).toBe('passed')
})

test('what Glovebox could not do says nothing of the test', () => {
  const refused = result({ errors: ['GLOVEBOX_UNSUPPORTED_HOST: no cpu controller'] })
  expect(judgeTrial(refused, source())).toEqual({
    kind: 'unusable',
    reason: 'GLOVEBOX_UNSUPPORTED_HOST: no cpu controller',
  })
  const broken = result({ record: { usage: {}, verdict: { kind: 'sandbox-error' } }, errors: ['overlay'] })
  expect(judgeTrial(broken, source())).toEqual({ kind: 'unusable', reason: 'overlay' })
  expect(judgeTrial(result({}), source()).kind).toBe('unusable')
})

test('the line that failed is told, where it is one of the file', () => {
  const at = (line: number) =>
    judgeTrial(result({ tests: [{ ...failed, line }] }), source(undefined, 'one\n  two()'))
  expect(at(2)).toMatchObject({ failures: [{ line: 2, text: 'two()' }] })
  expect(at(9)).toEqual({ kind: 'failed', failures: [{ test: 'cart removes', message: 'expected 1' }] })
})
