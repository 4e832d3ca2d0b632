import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'

test('starts a process for each page', async () => {
  const started = Array.from({ length: 20 }, () => {
    const child = spawn('sleep', ['1'])
    return new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve))
  })
  expect(await Promise.all(started)).toEqual(Array(20).fill(0))
})
