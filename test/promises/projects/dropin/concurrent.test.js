import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'

describe.concurrent('at the same time', () => {
  test.each(['a', 'b', 'c'])('%s', async () => {
    await sleep(50)
    expect(process.env.NODE_ENV).toBe('test')
  })
})
test('times out', { timeout: 50 }, () => sleep(5000))
let tries = 0
test('passes at the second try', { retry: 1 }, () => expect(++tries).toBe(2))
