import os from 'node:os'
import { expect, test } from 'vitest'

test('the machine was started this month', () => {
  expect(os.uptime()).toBeLessThan(31 * 24 * 60 * 60)
})
