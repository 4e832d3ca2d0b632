import { PassThrough } from 'node:stream'
import { beforeEach, expect, test } from 'vitest'
import { Output } from './output.js'

let stdout: PassThrough
let stderr: PassThrough
let output: Output

beforeEach(() => {
  stdout = new PassThrough()
  stderr = new PassThrough()
  output = new Output(stdout, stderr)
})

function end(): Promise<void> {
  stdout.end()
  stderr.end()
  return output.drained
}

test('output from before the first listener is handed over to it', async () => {
  stdout.write('early ')
  stderr.write('error')
  await new Promise(setImmediate)
  const seen: string[] = []
  output.onOutput((stream, chunk) => void seen.push(`${stream} ${chunk}`))
  await end()
  expect(seen.sort()).toEqual(['stderr error', 'stdout early '])
})

test('a listener that is not done holds its stream back', async () => {
  let proceed = (): void => {}
  let bytes = 0
  output.onOutput((_, chunk) => {
    bytes += chunk.length
    return new Promise((resolve) => {
      proceed = resolve
    })
  })
  for (let i = 0; i < 100; i++) stdout.write(Buffer.alloc(10_000))
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(bytes).toBeLessThan(100_000)
  expect(stdout.writableNeedDrain).toBe(true)
  output.release()
  proceed()
  await end()
  expect(bytes).toBe(1_000_000)
})

test('a listener that was removed gets no more', async () => {
  let calls = 0
  const stop = output.onOutput(() => void calls++)
  stop()
  stdout.write('x')
  await end()
  expect(calls).toBe(0)
})

test("V8's last words are found even if they are cut in two", async () => {
  output.release()
  expect(output.heapExhausted).toBe(false)
  stderr.write('FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap ou')
  stderr.write('t of memory\n')
  await end()
  expect(output.heapExhausted).toBe(true)
})

test('the same words on stdout mean nothing', async () => {
  output.release()
  stdout.write('JavaScript heap out of memory')
  await end()
  expect(output.heapExhausted).toBe(false)
})

test('streams that had ended before are drained', async () => {
  output.release()
  await end()
  await new Output(stdout, stderr).drained
})
