import { expect, test } from 'vitest'

test('a shuffled deck is in another order', () => {
  const deck = [1, 2, 3]
  const shuffled = deck.toSorted(() => Math.random() - 0.5)
  expect(shuffled).not.toEqual(deck)
})
