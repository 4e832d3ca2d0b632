import dns from 'node:dns/promises'
import { expect, test } from 'vitest'

test('finds the address of a service', async () => {
  const { address } = await dns.lookup(process.env.CORPUS_HOST)
  expect(address).toBeTruthy()
})
