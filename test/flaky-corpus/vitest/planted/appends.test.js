import fs from 'node:fs'
import { expect, test } from 'vitest'

test('logs one line', () => {
  fs.appendFileSync('corpus.log', 'started\n')
  expect(fs.readFileSync('corpus.log', 'utf8').trim().split('\n')).toHaveLength(1)
})
