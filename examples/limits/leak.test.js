/**
 * @glovebox-leaks fail
 */
import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'

test('passes, but leaves a process behind', () => {
  const helper = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' })
  helper.unref()
  expect(helper.pid).toBeGreaterThan(0)
})
