/** The native unit tests: each of their cases is a test here, plain and under AddressSanitizer and UndefinedBehaviorSanitizer. */
import { beforeAll, describe, expect, test } from 'vitest'
import { buildUnit, sanitizerEnvironment, unitPrograms } from '../../native/test/programs.mjs'
import { type Outcome, runCases, titlesOf } from '../../native/test/tap.mjs'
import { requires } from '../harness/requires.js'

if (requires('cc')) {
  for (const program of unitPrograms) {
    for (const flavour of ['plain', 'sanitized'] as const) {
      // Built while collecting: the titles are in the program.
      const path = await buildUnit(program, flavour)
      const titles = await titlesOf(path)
      describe(`${program}, ${flavour}`, () => {
        let outcomes: Map<string, Outcome>
        beforeAll(async () => {
          outcomes = await runCases(path, sanitizerEnvironment)
        }, 300_000)

        test.for(titles)('%s', (title, context) => {
          const outcome = outcomes.get(title)
          if (outcome?.skipped !== undefined) context.skip(outcome.skipped)
          expect(outcome?.passed, outcome?.notes ?? 'the program ended before this case').toBe(true)
        })
      })
    }
  }
} else {
  test('native unit tests', () => {})
}
