import { expect, test, vi } from 'vitest'
import type { Profile } from '../plan/profile.js'
import { Pool, type Prepared, spareTarget } from './pool.js'

const base = { limits: { memory: 1, disk: 1 }, env: {}, hostname: 'box' } as unknown as Profile
const sameShape = { ...base, limits: { ...base.limits, memory: 2 } }
const otherShape = { ...base, hostname: 'other' }

class Spare implements Prepared {
  alive = true
  destroyed = false
  async destroy(): Promise<void> {
    this.destroyed = true
  }
}

function poolOf(): { pool: Pool<Spare>; made: Spare[] } {
  const made: Spare[] = []
  const pool = new Pool(base, async () => {
    const spare = new Spare()
    made.push(spare)
    return spare
  })
  return { pool, made }
}

test.each([
  ['one while nothing is known', { cores: 2, maxWorkers: 2, active: 1, remaining: undefined }, 1],
  ['one an idle core', { cores: 8, maxWorkers: 8, active: 2, remaining: 100 }, 6],
  ['one even if no core is idle', { cores: 2, maxWorkers: 2, active: 2, remaining: 100 }, 1],
  ['no more than files to come', { cores: 8, maxWorkers: 8, active: 0, remaining: 2 }, 2],
  ['none at the end', { cores: 8, maxWorkers: 8, active: 3, remaining: 0 }, 0],
  ['no more than may run at once', { cores: 8, maxWorkers: 1, active: 0, remaining: 9 }, 1],
])('prepares %s', (_, demand, target) => {
  expect(spareTarget(demand)).toBe(target)
})

test('a profile of the same shape takes a spare, another one does not', async () => {
  const { pool, made } = poolOf()
  pool.fill(1)
  expect(await pool.take(otherShape)).toBeUndefined()
  expect(await pool.take(sameShape)).toBe(made[0])
  expect(await pool.take(sameShape)).toBeUndefined()
})

test('a spare that died is destroyed and passed over', async () => {
  const { pool, made } = poolOf()
  pool.fill(2)
  await vi.waitFor(() => expect(made).toHaveLength(2))
  const [first, second] = made as [Spare, Spare]
  first.alive = false
  expect(await pool.take(base)).toBe(second)
  expect(first.destroyed).toBe(true)
})

test('what cannot be prepared is told of only to whoever waits for it', async () => {
  const pool = new Pool<Spare>(base, async () => {
    throw new Error('refused')
  })
  pool.fill(1)
  expect(await pool.take(base)).toBeUndefined()
  await expect(pool.fillOne()).rejects.toThrow('refused')
})

test('closing destroys what is there and what is still being made, and makes no more', async () => {
  const { pool, made } = poolOf()
  pool.fill(2)
  await pool.close()
  pool.fill(2)
  expect(made.map((spare) => spare.destroyed)).toEqual([true, true])
})
