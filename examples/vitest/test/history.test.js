import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parcelsFile } from '../src/paths.js'
import { ParcelStore } from '../src/store.js'

test('every change is a line of the file', () => {
  const store = new ParcelStore()
  const { number } = store.add({ to: 'Alan' })
  store.update(number, { status: 'on its way' })
  store.update(number, { status: 'delivered' })
  expect(readFileSync(parcelsFile, 'utf8').trim().split('\n')).toHaveLength(3)
  expect(store.all()).toEqual([{ number: 1, to: 'Alan', status: 'delivered' }])
})
