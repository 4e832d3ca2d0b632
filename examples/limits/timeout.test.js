/**
 * @glovebox-timeout 3s
 */
import { test } from 'vitest'

test('waits for a flag that nobody will set, without giving way', () => {
  const job = { done: false }
  while (!job.done);
})
