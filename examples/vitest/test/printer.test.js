import { beforeAll, expect, test } from 'vitest'
import { startDaemon } from '../src/daemon.js'
import { printLabel } from '../src/printer.js'

beforeAll(() => startDaemon('printer'))

test('labels are numbered from 1', async () => {
  expect(await printLabel('Ada, London')).toBe('#1 ADA, LONDON')
  expect(await printLabel('Grace, New York')).toBe('#2 GRACE, NEW YORK')
})
