import { writeFileSync } from 'node:fs'
import { test } from 'vitest'

test('writes into its own project', () => {
  writeFileSync('data.json', '"changed by a test"')
  writeFileSync('new.txt', 'made by a test')
})
