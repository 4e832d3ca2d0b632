import { beforeAll, expect, test } from 'vitest'
import { startDaemon } from '../src/daemon.js'
import { call } from './client.js'

beforeAll(() => startDaemon('api'))

test('a parcel is followed from registration to delivery', async () => {
  const { body: parcel } = await call('POST', '/parcels', { to: 'Grace', grams: 1_200 })
  expect(parcel).toMatchObject({ number: 1, status: 'registered' })
  await call('PUT', '/parcels/1', { status: 'delivered' })
  expect((await call('GET', '/parcels/1')).body).toMatchObject({ to: 'Grace', status: 'delivered' })
})

test('an unknown parcel is not found', async () => {
  expect((await call('GET', '/parcels/2')).status).toBe(404)
})
