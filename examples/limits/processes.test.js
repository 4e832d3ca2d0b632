/**
 * @glovebox-pids 64
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'

test('starts a helper for each of 100 jobs at once', async () => {
  const helpers = Array.from({ length: 100 }, () => spawn('sleep', ['60'], { stdio: 'ignore' }))
  const started = await Promise.allSettled(helpers.map((helper) => once(helper, 'spawn')))
  expect(started.filter(({ status }) => status === 'rejected')).toEqual([])
})
