/**
 * @glovebox-pids 64
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'

test('starts a helper for each of 100 jobs at once', async () => {
  const helpers = Array.from({ length: 100 }, () => spawn('sleep', ['60'], { stdio: 'ignore' }))
  const started = await Promise.allSettled(helpers.map((helper) => once(helper, 'spawn')))
  await sleep(500) // the jobs take their time
  expect(started.filter(({ status }) => status === 'rejected')).toEqual([])
})
