import { expect, test } from 'vitest'

test('keeps all pages', () => {
  const pages = Array.from({ length: 150 }, () => Buffer.alloc(1024 * 1024, 7))
  expect(pages).toHaveLength(150)
})
