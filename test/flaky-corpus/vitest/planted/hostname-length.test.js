import os from 'node:os'
import { expect, test } from 'vitest'

test('the label fits', () => {
  const label = `${os.hostname()}:1`
  expect(label.length).toBeLessThanOrEqual(12)
})
