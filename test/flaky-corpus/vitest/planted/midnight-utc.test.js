import { expect, test } from 'vitest'

test('the day of an event is the day in its date', () => {
  const event = new Date('2026-03-10T12:00:00Z')
  expect(event.getDate()).toBe(10)
})
