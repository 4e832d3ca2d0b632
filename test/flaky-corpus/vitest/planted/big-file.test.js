import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'

test('exports a dump', () => {
  const file = path.join(os.tmpdir(), 'dump')
  fs.writeFileSync(file, Buffer.alloc(6 * 1024 * 1024))
  expect(fs.statSync(file).size).toBe(6 * 1024 * 1024)
  fs.rmSync(file)
})
