import { expect, test } from 'vitest'

test('dates are month first', () => {
  const date = new Date(Date.UTC(2026, 5, 15, 12))
  expect(new Intl.DateTimeFormat(undefined, { timeZone: 'UTC' }).format(date)).toBe('6/15/2026')
})
