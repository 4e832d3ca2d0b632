import { expect, test } from 'vitest'
import { ratio, runRounds, summarise } from '../../bench/lib/rounds.js'

test('each round begins with another variant, and every variant runs in each', async () => {
  const order: string[] = []
  const variants = ['a', 'b', 'c'].map((name) => ({
    name,
    measure: async () => {
      order.push(name)
      return { cpu: order.length, wall: 1, memory: undefined }
    },
  }))
  const samples = await runRounds(variants, 3, () => {})
  expect(order.join('')).toBe('abcbcacab')
  expect(samples.get('a')).toEqual({ cpu: [1, 6, 8], wall: [1, 1, 1], memory: [] })
})

test('a summary is the median and the range', () => {
  expect(summarise([3, 1, 10])).toEqual({ median: 3, min: 1, max: 10 })
  expect(summarise([])).toBeUndefined()
})

test('a ratio compares within each round', () => {
  // The machine is ten times slower in the second round; the variant takes half of the reference all the same.
  expect(ratio([1, 10, 2], [2, 20, 4])).toBe(0.5)
  expect(ratio([1], [1, 2])).toBeUndefined()
})
