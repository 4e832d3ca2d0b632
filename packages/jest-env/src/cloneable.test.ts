import { deserialize, serialize } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { toCloneable } from './cloneable.js'

const cross = (value: unknown): unknown => deserialize(serialize(toCloneable(value)))

test.each([
  ['BigInt', { a: 1n }],
  ['dates, expressions, bytes', { a: new Date(0), b: /x/g, c: new Uint8Array([1, 2]) }],
  ['maps and sets', new Map<unknown, unknown>([[{ key: 1 }, new Set([1, 'a'])]])],
  ['holes and undefined', [undefined, null, Number.NaN, -0]],
])('%s are kept', (_, value) => {
  expect(cross(value)).toEqual(value)
})

test('circles are kept', () => {
  const value: { self?: unknown; list: unknown[] } = { list: [] }
  value.self = value
  value.list.push(value.list)
  const copy = cross(value) as typeof value
  expect(copy.self).toBe(copy)
  expect(copy.list[0]).toBe(copy.list)
})

test('functions and symbols go, as in JSON', () => {
  expect(cross({ call() {}, name: Symbol('a'), list: [() => {}, 1] })).toStrictEqual({ list: [undefined, 1] })
})

test('errors keep all that they carry, whatever realm they are from', () => {
  const error = runInNewContext(
    `Object.assign(new TypeError('outer', { cause: new Error('inner') }), { matcherResult: { pass: false, call() {} } })`,
  )
  expect(cross(error)).toMatchObject({
    name: 'TypeError',
    message: 'outer',
    stack: expect.stringContaining('outer'),
    cause: { message: 'inner' },
    matcherResult: { pass: false },
  })
})

test('what throws when it is read, and what is too deep, is left out', () => {
  let deep: { inner?: unknown } = {}
  for (let i = 0; i < 100_000; i++) deep = { inner: deep }
  const hostile = {
    get bad() {
      throw new Error('not read')
    },
    deep,
    good: 1,
  }
  expect(cross(hostile)).toMatchObject({ good: 1, bad: undefined })
})

test('a key may have any name', () => {
  const value = JSON.parse('{"__proto__": {"a": 1}}')
  expect(Object.keys(cross(value) as object)).toEqual(['__proto__'])
})
