import { test } from 'vitest'

test('computes for a second of wall clock', () => {
  const end = Date.now() + 1000
  while (Date.now() < end);
})
