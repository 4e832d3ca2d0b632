import { test } from 'vitest'

test('leaves without a word', () => {
  process.reallyExit(7)
})
