import { expect, test } from 'vitest'
import { endingOf, limitsOf } from '../../../../test/cli/endings.js'
import { usageJson, usageText } from './usage.js'

const MiB = 2 ** 20
const full = endingOf({
  usage: {
    memoryPeak: 34 * MiB,
    cpuUser: 500000,
    cpuSystem: 100000,
    cpuThrottled: 300000,
    cpuPeriods: 12,
    cpuThrottledPeriods: 4,
    pidsPeak: 7,
    ioReadBytes: MiB,
    ioReads: 20,
    ioWriteBytes: 0,
    ioWrites: 0,
    diskBytes: 4096,
    wall: 1234,
    contextSwitchesVoluntary: 9,
    contextSwitchesInvoluntary: 1,
  },
  leaks: [
    { kind: 'process', pid: 5, command: 'sleep' },
    { kind: 'listener', address: 'tcp 127.0.0.1:80' },
  ],
})

test('the text has a line for each resource, with its limit', () => {
  expect(usageText(full, limitsOf({ memory: 256 * MiB, pids: 512 }))).toMatchInlineSnapshot(`
    "  wall         1.23 s
      cpu          0.50 s user, 0.10 s system
      throttled    0.30 s in 4 of 12 periods
      memory       peak 34 MiB of 256 MiB
      processes    peak 7 of 512
      disk         peak 4 KiB of 1 GiB
      io           read 1 MiB in 20 operations, wrote 0 B in 0
      switches     9 voluntary, 1 involuntary
      left behind  process 5 (sleep)
      left behind  listener tcp 127.0.0.1:80
    "
  `)
})

test('what could not be measured has no line', () => {
  expect(usageText(endingOf({ usage: { wall: 61000 } }), limitsOf())).toBe('  wall         1 minute\n')
})

test('the JSON is one line with status, cause, usage and limits', () => {
  const ending = endingOf({
    cause: { kind: 'memory' },
    code: undefined,
    signal: 'SIGKILL',
    usage: { memoryPeak: 5 },
  })
  const text = usageJson(ending, limitsOf({ memory: 5 }))
  expect(text.endsWith('}\n')).toBe(true)
  expect(text.trim()).not.toContain('\n')
  const parsed = JSON.parse(text)
  expect(parsed).toMatchObject({ status: 137, cause: 'memory', signal: 'SIGKILL', usage: { memoryPeak: 5 } })
  expect(parsed.limits).toMatchObject({ memory: 5, swap: 0 })
  expect(parsed.limits).not.toHaveProperty('pids')
})
