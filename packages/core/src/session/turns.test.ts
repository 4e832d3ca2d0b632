import { expect, test } from 'vitest'
import { Turns } from './turns.js'

/** Work that ends when it is told to, and a log of what began and ended. */
function workshop() {
  const log: string[] = []
  const ends = new Map<string, () => void>()
  const work = (name: string) => async () => {
    log.push(`${name} begins`)
    await new Promise<void>((resolve) => ends.set(name, resolve))
    log.push(`${name} ends`)
    return name
  }
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  const end = async (name: string) => {
    ends.get(name)?.()
    await settle()
  }
  return { log, work, end, settle }
}

test('files run side by side, and each learns of all that ran meanwhile', async () => {
  const turns = new Turns()
  const { work, end, settle } = workshop()
  const a = turns.beside('a', work('a'))
  const b = turns.beside('b', work('b'))
  await settle()
  await end('b')
  const c = turns.beside('c', work('c'))
  await settle()
  await end('a')
  await end('c')
  expect(await a).toEqual({ value: 'a', beside: ['b', 'c'] })
  expect(await b).toEqual({ value: 'b', beside: ['a'] })
  expect(await c).toEqual({ value: 'c', beside: ['a'] })
})

test('who is to be alone waits for those that run; those that come later wait for it', async () => {
  const turns = new Turns()
  const { log, work, end, settle } = workshop()
  const a = turns.beside('a', work('a'))
  await settle()
  const lonely = turns.alone('b', work('b'))
  const second = turns.alone('c', work('c'))
  const late = turns.beside('d', work('d'))
  await settle()
  expect(log).toEqual(['a begins'])
  for (const name of ['a', 'b', 'c', 'd']) await end(name)
  expect((await lonely).beside).toEqual([])
  await Promise.all([a, second, late])
  expect(log).toEqual(['a', 'b', 'c', 'd'].flatMap((name) => [`${name} begins`, `${name} ends`]))
})

test('work that fails gives its turn back', async () => {
  const turns = new Turns()
  const fail = () => Promise.reject(new Error('no'))
  await expect(turns.alone('a', fail)).rejects.toThrow('no')
  await expect(turns.beside('a', fail)).rejects.toThrow('no')
  expect(await turns.alone('b', async () => 1)).toEqual({ value: 1, beside: [] })
  expect(await turns.beside('b', async () => 2)).toEqual({ value: 2, beside: [] })
})
