import { test } from 'vitest'

test('computes for half a second of processor time', () => {
  const end = process.cpuUsage().user + 500_000
  while (process.cpuUsage().user < end);
})
