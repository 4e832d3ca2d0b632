import { expect, test } from 'vitest'

test('the service is configured', () => {
  expect(process.env.CORPUS_SERVICE).toBe('http://localhost:8080')
})
