import { test } from 'vitest'

test('sends 64 MB through the message channel', ({ task }) => {
  task.meta.large = 'x'.repeat(64_000_000)
})
