import { expect, test } from 'vitest'

let count = 0

test('one', () => {
  expect(++count).toBe(1)
})

test('two', () => {
  expect(++count).toBe(2)
})

test('three', () => {
  expect(++count).toBe(3)
})
