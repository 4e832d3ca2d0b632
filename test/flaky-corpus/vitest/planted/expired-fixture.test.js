import { expect, test } from 'vitest'

const certificate = { validUntil: '2036-01-01T00:00:00Z' }

test('the certificate is valid', () => {
  expect(Date.now()).toBeLessThan(Date.parse(certificate.validUntil))
})
