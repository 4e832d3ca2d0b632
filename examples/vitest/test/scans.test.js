import { expect, test } from 'vitest'
import { capacity, keepImage } from '../src/images.js'

const scan = Buffer.alloc(capacity / 2, 's')

test('two scans that are half as large as the memory fit, a third does not', () => {
  keepImage('scan-1', scan)
  keepImage('scan-2', scan)
  expect(() => keepImage('scan-3', scan)).toThrow('no memory left for scan-3')
})
