import { expect, test } from 'vitest'

test('the invoice is due next month', () => {
  const now = new Date()
  const due = new Date(now)
  due.setMonth(now.getMonth() + 1)
  expect(due.getMonth()).toBe((now.getMonth() + 1) % 12)
})
