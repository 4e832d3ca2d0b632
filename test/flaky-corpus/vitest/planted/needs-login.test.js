import { expect, test } from 'vitest'

let user

test('logs in', () => {
  user = 'ada'
  expect(user).toBe('ada')
})

test('shows the profile', () => {
  expect(user).toBe('ada')
})

test('shows the settings', () => {
  expect(user).toBe('ada')
})
