import { expect, test } from 'vitest'
import { mergeOptions } from './merge.js'

test('objects merge deep, lists add up, later values replace earlier ones', () => {
  const merged = mergeOptions<object>(
    { limits: { memory: 1, pids: 2 }, filesystem: { hide: ['a'] }, network: 'none' },
    { limits: { memory: 3 }, filesystem: { hide: ['b'], persist: ['c'] }, network: undefined },
    { network: 'host' },
  )
  expect(merged).toEqual({
    limits: { memory: 3, pids: 2 },
    filesystem: { hide: ['a', 'b'], persist: ['c'] },
    network: 'host',
  })
})

test('the layers themselves are left alone', () => {
  const below = { limits: { memory: 1 } }
  mergeOptions<object>(below, { limits: { memory: 2 } })
  expect(below).toEqual({ limits: { memory: 1 } })
})
