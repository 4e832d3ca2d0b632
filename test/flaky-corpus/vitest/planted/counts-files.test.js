import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'

test('an export is one file', () => {
  const own = path.join(os.tmpdir(), 'export.csv')
  fs.writeFileSync(own, 'rows')
  const files = fs.readdirSync(os.tmpdir()).filter((name) => name.includes('.'))
  fs.rmSync(own)
  expect(files).toEqual(['export.csv'])
})
