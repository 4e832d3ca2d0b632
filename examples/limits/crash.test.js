import { expect, test } from 'vitest'

test('finishes this one', () => {
  expect(1 + 1).toBe(2)
})

test('calls into native code that aborts', () => {
  process.abort()
})
