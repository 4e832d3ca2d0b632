import fs from 'node:fs'
import { expect, test } from 'vitest'

test('opens every page', () => {
  const files = Array.from({ length: 110 }, () => fs.openSync('/dev/null', 'r'))
  for (const file of files) fs.closeSync(file)
  expect(files).toHaveLength(110)
})
