import { expect, test } from 'vitest'
import { ParcelStore } from '../src/store.js'

test('a new store is empty, then holds what was added', () => {
  const store = new ParcelStore()
  expect(store.all()).toEqual([])
  store.add({ to: 'Edsger' })
  store.add({ to: 'Barbara' })
  expect(new ParcelStore().all().map(({ to }) => to)).toEqual(['Edsger', 'Barbara'])
})
