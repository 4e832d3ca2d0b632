import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'

test('makes its working directory', () => {
  const directory = path.join(os.tmpdir(), 'corpus-work')
  fs.mkdirSync(directory)
  fs.writeFileSync(path.join(directory, 'state'), '1')
  expect(fs.readdirSync(directory)).toEqual(['state'])
})
