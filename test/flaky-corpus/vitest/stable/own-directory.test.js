import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'

test('works in a directory of its own', () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'stable-'))
  fs.writeFileSync(path.join(directory, 'state'), '1')
  expect(fs.readdirSync(directory)).toEqual(['state'])
  fs.rmSync(directory, { recursive: true })
})
