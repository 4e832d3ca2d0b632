import { beforeAll, expect, test } from 'vitest'
import { startDaemon } from '../src/daemon.js'
import { printLabel } from '../src/printer.js'

beforeAll(() => startDaemon('printer'))

test('a label that is printed again gets a number of its own', async () => {
  const labels = [await printLabel('Alan, Bletchley'), await printLabel('Alan, Bletchley')]
  expect(labels).toEqual(['#1 ALAN, BLETCHLEY', '#2 ALAN, BLETCHLEY'])
})
