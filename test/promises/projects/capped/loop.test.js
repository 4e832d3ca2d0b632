import { test } from 'vitest'
import { onlyInSandbox } from './only-in-sandbox.js'

test('finishes before', () => {})
test('never returns to the event loop', () => {
  onlyInSandbox()
  for (;;);
})
