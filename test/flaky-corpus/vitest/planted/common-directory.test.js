import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'

test('builds in a directory, and clears it away', async () => {
  const directory = path.join(os.tmpdir(), 'corpus-build')
  fs.mkdirSync(directory)
  await sleep(600)
  expect(fs.readdirSync(directory)).toEqual([])
  fs.rmSync(directory, { recursive: true })
})
