import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

type Done<T> = (error: Error | null, value: T) => void
type Bytes = NodeJS.ArrayBufferView

/**
 * Makes what `node:crypto` and the Web Crypto API draw follow from a seed: bytes, integers, UUIDs. Keys, and what child processes draw,
 * stay as they are. For experiments only: whoever knows the seed knows the rest.
 */
export function seedCrypto(seed: number): void {
  const draw = generator(seed)
  const fill = <T extends Bytes>(view: T, offset = 0, size = view.byteLength - offset): T => {
    new Uint8Array(view.buffer, view.byteOffset + offset, size).set(draw(size))
    return view
  }
  const uuid = (): string => {
    const bytes = draw(16)
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  }
  const own = {
    randomBytes: (size: number, done?: Done<Buffer>) => later(draw(size), done),
    randomFillSync: fill,
    randomFill: (view: Bytes, ...rest: unknown[]) => {
      const [offset, size] = rest.filter((each) => typeof each === 'number')
      later(fill(view, offset, size), rest.at(-1) as Done<Bytes>)
    },
    randomInt: (...args: unknown[]) => {
      const [first = 0, second] = args.filter((each) => typeof each === 'number')
      const [low, high] = second === undefined ? [0, first] : [first, second]
      const value = low + Number(draw(8).readBigUInt64BE() % BigInt(Math.max(1, high - low)))
      return later(value, args.find((each) => typeof each === 'function') as Done<number> | undefined)
    },
    randomUUID: uuid,
  }
  Object.assign(crypto, own)
  // `getRandomValues` of the module is that of the Web Crypto API.
  Object.assign(Object.getPrototypeOf(crypto.webcrypto) as object, {
    getRandomValues: fill,
    randomUUID: uuid,
  })
  syncBuiltinESMExports()
}

/** Bytes that follow from the seed: digests of a counter. */
function generator(seed: number): (size: number) => Buffer {
  const { createHash } = crypto
  let block = 0
  return (size) => {
    const blocks = Array.from({ length: Math.ceil(size / 32) }, () =>
      createHash('sha256').update(`${seed}:${block++}`).digest(),
    )
    return Buffer.concat(blocks).subarray(0, size)
  }
}

/** As these functions do: at once, or to a callback. */
function later<T>(value: T, done: Done<T> | undefined): T | undefined {
  if (typeof done !== 'function') return value
  setImmediate(done, null, value)
  return undefined
}
