import { expect, test } from 'vitest'

test('draws within the bounds', () => {
  const draws = Array.from({ length: 50 }, () => Math.floor(Math.random() * 6) + 1)
  for (const draw of draws) expect(draw).toBeGreaterThanOrEqual(1)
})
