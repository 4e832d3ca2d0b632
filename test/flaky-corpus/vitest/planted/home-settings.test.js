import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'

test('a new user has no settings', () => {
  const file = path.join(os.homedir(), '.corpusrc')
  expect(fs.existsSync(file)).toBe(false)
  fs.writeFileSync(file, 'theme = dark')
})
