import { test } from 'vitest'

test('finishes before', () => {})
test('never returns to the event loop', () => {
  for (;;);
})
