import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'

test('others may read the export', () => {
  const file = path.join(os.tmpdir(), 'export')
  fs.writeFileSync(file, 'rows')
  const { mode } = fs.statSync(file)
  fs.rmSync(file)
  expect(mode & 0o044).toBe(0o044)
})
