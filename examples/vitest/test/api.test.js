import { beforeAll, expect, test } from 'vitest'
import { startDaemon } from '../src/daemon.js'
import { call } from './client.js'

// Nobody stops it afterwards: the daemon outlives this file.
beforeAll(() => startDaemon('api'))

test('the first parcel gets number 1', async () => {
  const { status, body } = await call('POST', '/parcels', { to: 'Ada', grams: 450 })
  expect(status).toBe(201)
  expect(body).toMatchObject({ number: 1, to: 'Ada', cents: 390 })
})

test('the list holds that parcel and no other', async () => {
  const { body } = await call('GET', '/parcels')
  expect(body.map(({ to }) => to)).toEqual(['Ada'])
})

test('a parcel that is too heavy is refused', async () => {
  const { status, body } = await call('POST', '/parcels', { to: 'Ada', grams: 20_000 })
  expect(status).toBe(400)
  expect(body.error).toContain('more than a courier carries')
})
