/** Frames of docs/protocol.md, written from the page and not from packages/core. */
export type Record = readonly [key: string, value: string | number]

export interface Frame {
  type: string
  records: [key: string, value: string][]
  get(key: string): string | undefined
}

export function encode(records: readonly Record[]): Buffer {
  const payload = Buffer.from(records.map(([key, value]) => `${key}=${value}\0`).join(''))
  const header = Buffer.alloc(4)
  header.writeUInt32LE(payload.length)
  return Buffer.concat([header, payload])
}

export function decode(payload: Buffer): Frame {
  const records = payload
    .toString()
    .split('\0')
    .slice(0, -1)
    .map((record): [string, string] => {
      const equals = record.indexOf('=')
      return [record.slice(0, equals), record.slice(equals + 1)]
    })
  const get = (key: string) => records.find(([name]) => name === key)?.[1]
  return { type: get('type') ?? '', records, get }
}
