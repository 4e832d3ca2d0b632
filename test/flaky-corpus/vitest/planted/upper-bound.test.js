import { expect, test } from 'vitest'

test('parses quickly', () => {
  const begun = performance.now()
  const cpu = process.cpuUsage()
  while (process.cpuUsage(cpu).user < 60_000) JSON.parse('[1, 2, 3]')
  expect(performance.now() - begun).toBeLessThan(350)
})
