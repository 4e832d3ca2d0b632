import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { meet } from './meeting.js'

function place(): string {
  const directory = mkdtempSync(join(tmpdir(), 'gbtest-meeting-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

test('who comes first waits until all are there', async () => {
  const directory = place()
  const other = `const fs = require('node:fs')
while (!fs.existsSync(${JSON.stringify(join(directory, 'own'))}));
fs.writeFileSync(${JSON.stringify(join(directory, 'other'))}, '')`
  const worker = new Worker(other, { eval: true })
  meet({ directory, as: 'own', of: 2, lag: 0 })
  expect(readdirSync(directory).sort()).toEqual(['other', 'own'])
  await worker.terminate()
})

test('who comes last does not wait, and who waits in vain goes on', () => {
  const directory = place()
  writeFileSync(join(directory, 'other'), '')
  meet({ directory, as: 'own', of: 2, lag: 0 })
  meet({ directory, as: 'own', of: 3, lag: 0 }, 1)
  expect(readdirSync(directory)).toHaveLength(2)
})
