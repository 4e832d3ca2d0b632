import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('asks another program', () => {
  expect(execFileSync('echo', ['hello']).toString()).toBe('hello\n')
})
