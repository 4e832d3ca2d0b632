import fs from 'node:fs/promises'
import { expect, test } from 'vitest'

test('reads its pages in half a second', async () => {
  const begun = performance.now()
  for (let page = 0; page < 40; page++) await fs.readFile('/etc/hostname')
  expect(performance.now() - begun).toBeLessThan(500)
})
