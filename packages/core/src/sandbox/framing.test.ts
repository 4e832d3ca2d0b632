import { expect, test } from 'vitest'
import { FrameReader, FrameTooLarge, frameHeader } from './framing.js'

function framed(...payloads: (string | Buffer)[]): Buffer {
  return Buffer.concat(
    payloads.flatMap((payload) => {
      const bytes = Buffer.from(payload as string)
      return [frameHeader(bytes.length), bytes]
    }),
  )
}

test('frames are found wherever the stream is cut', () => {
  const stream = framed('first', '', 'third')
  for (let cut = 0; cut <= stream.length; cut++) {
    const reader = new FrameReader(100)
    const payloads = [...reader.push(stream.subarray(0, cut)), ...reader.push(stream.subarray(cut))]
    expect(payloads.map(String)).toEqual(['first', '', 'third'])
    expect(reader.partial).toBe(false)
  }
})

test('frames are found when bytes arrive one by one', () => {
  const reader = new FrameReader(100)
  const payloads = [...framed('ab', 'cd')].flatMap((byte) => [...reader.push(Buffer.from([byte]))])
  expect(payloads.map(String)).toEqual(['ab', 'cd'])
})

test('a frame above the limit is refused by its header alone', () => {
  const reader = new FrameReader(10)
  expect(() => [...reader.push(frameHeader(11))]).toThrow(FrameTooLarge)
})

test('an unfinished frame is known as such', () => {
  const reader = new FrameReader(10)
  expect([...reader.push(frameHeader(4))]).toEqual([])
  expect(reader.partial).toBe(true)
})
