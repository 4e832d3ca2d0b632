import { expect, test } from 'vitest'

test('sets the variable that it needs', () => {
  process.env.CORPUS_OWN = 'yes'
  expect(process.env.CORPUS_OWN).toBe('yes')
})
