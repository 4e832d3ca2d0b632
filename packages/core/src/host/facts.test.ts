import { existsSync } from 'node:fs'
import os from 'node:os'
import { expect, test } from 'vitest'
import { parseCpuList, parseHardLimit, parseMountPoints, parseUnixSockets, readHostFacts } from './facts.js'

test.each([
  ['0', [0]],
  ['0-2,5', [0, 1, 2, 5]],
  ['', []],
  ['3-1', []],
  ['x,1', [1]],
])('the CPU list %j is %j', (list, expected) => {
  expect(parseCpuList(list)).toEqual(expected)
})

test('a range that no machine has is not spelled out', () => {
  expect(parseCpuList('0-99999999999').length).toBeLessThan(10_000)
})

test('hard limits are the second number of their row', () => {
  const text =
    'Max cpu time    unlimited   unlimited   seconds\nMax open files  1024        4096        files\n'
  expect(parseHardLimit(text, 'Max open files')).toBe(4096)
  expect(parseHardLimit(text, 'Max cpu time')).toBe(Number.POSITIVE_INFINITY)
  expect(parseHardLimit('', 'Max open files')).toBe(Number.POSITIVE_INFINITY)
})

test('mount points are unescaped', () => {
  const text =
    '36 35 98:0 /mnt1 /mnt/with\\040space rw,noatime - ext3 /dev/root rw\n1 0 0:1 / / rw - x x rw\n'
  expect(parseMountPoints(text)).toEqual(['/mnt/with space', '/'])
})

test('the facts of this machine are plausible', () => {
  const facts = readHostFacts()
  expect(facts.memoryTotal).toBeGreaterThan(0)
  expect(facts.memoryTotal).toBeLessThanOrEqual(os.totalmem())
  expect(facts.memoryAvailable).toBeGreaterThan(0)
  expect(facts.memoryAvailable).toBeLessThanOrEqual(facts.memoryTotal)
  expect(facts.cpus.length).toBeGreaterThan(0)
  expect(facts.openFilesMax).toBeGreaterThan(0)
  expect(facts.mountPoints).toContain('/')
  expect(existsSync(facts.execPath)).toBe(true)
})

test('unix sockets are told by their paths, each once', () => {
  const text = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 22001 /run/a b.sock
0000000000000000: 00000003 00000000 00000000 0001 03 22002 /run/a b.sock
0000000000000000: 00000003 00000000 00000000 0001 03 22003
0000000000000000: 00000002 00000000 00010000 0001 01 22004 @/tmp/.X11-unix/X0
0000000000000000: 00000002 00000000 00000000 0002 01 22005 /dev/log
`
  expect(parseUnixSockets(text)).toEqual(['/dev/log', '/run/a b.sock'])
})
