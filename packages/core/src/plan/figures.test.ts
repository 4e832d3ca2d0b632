import { expect, test } from 'vitest'
import { figuresOf, planFigures } from './figures.js'
import { hostFacts } from './host.fixture.js'
import { resolveLimits } from './limits.js'
import type { Limits } from './profile.js'

const GiB = 2 ** 30
const meminfo = `MemTotal:       16777216 kB
MemFree:         1000000 kB
MemAvailable:    2000000 kB
Cached:          3000000 kB
SwapTotal:       2097152 kB
SwapFree:        2000000 kB
Committed_AS:    9999999 kB
HugePages_Total:       0
Hugepagesize:       2048 kB
`
const cpuinfo = [0, 1, 2, 3].map((n) => `processor\t: ${n}\nmodel name\t: X\nflags\t\t: fpu vme\n\n`).join('')
const stat = `cpu  100 0 20 1000 0 0 0 0 0 0
cpu0 10 0 1 100 0 0 0 0 0 0
cpu1 20 0 2 200 0 0 0 0 0 0
cpu2 30 0 3 300 0 0 0 0 0 0
cpu3 40 0 14 400 0 0 0 0 0 0
intr 5000 1 2 3
ctxt 77
btime 1700000000
softirq 99 1 2
`
const host = hostFacts({ meminfo, cpuinfo, stat, cpus: [0, 1, 2, 3] })

function figures(changes: Partial<Limits>): Map<string, string> {
  const limits = { ...resolveLimits({}, host, 1), memory: undefined, ...changes }
  return new Map(
    planFigures(limits, host).map((mount) => [mount.target, mount.type === 'file' ? mount.content : '']),
  )
}

test('without limits below the machine the files are its own', () => {
  expect(figures({})).toEqual(new Map())
  expect(figures({ memory: 16 * GiB, cpus: 4 })).toEqual(new Map())
  expect(figures({ cpus: 3.5 })).toEqual(new Map())
})

test('the memory limit is the total, in columns as wide as before; what others use is left out', () => {
  expect(figures({ memory: GiB, swap: 4 * GiB }).get('/proc/meminfo')).toBe(`MemTotal:        1048576 kB
MemFree:         1048576 kB
MemAvailable:    1048576 kB
Cached:                0 kB
SwapTotal:       2097152 kB
SwapFree:        2097152 kB
Committed_AS:    9999999 kB
HugePages_Total:       0
Hugepagesize:       2048 kB
`)
})

test.each([
  ['half a CPU is one', { cpus: 0.5 }, 1],
  ['one and a half are two', { cpus: 1.5 }, 2],
  ['a set of CPUs', { cpuset: '1,3' }, 2],
  ['the smaller of both', { cpuset: '0-2', cpus: 1 }, 1],
] as const)('%s', (_, limits, count) => {
  const files = figures(limits)
  expect([...files.keys()].sort()).toEqual([...figuresOf.cpus].sort())
  expect(files.get('/proc/cpuinfo')?.match(/^processor/gm)).toHaveLength(count)
  expect(files.get('/proc/stat')?.match(/^cpu\d/gm)).toHaveLength(count)
  expect(files.get('/sys/devices/system/cpu/online')).toBe(count === 1 ? '0\n' : '0-1\n')
})

test('the times of all CPUs are the sum of those that are shown', () => {
  expect(figures({ cpus: 2 }).get('/proc/stat')).toBe(`cpu  30 0 3 300 0 0 0 0 0 0
cpu0 10 0 1 100 0 0 0 0 0 0
cpu1 20 0 2 200 0 0 0 0 0 0
intr 5000
ctxt 77
btime 1700000000
softirq 99
`)
})

test('of a large machine only what programs look at', () => {
  const large = hostFacts({
    cpuinfo: Array.from(
      { length: 200 },
      (_, n) => `processor\t: ${n}\nmodel name\t: X\nflags\t\t: fpu\n\n`,
    ).join(''),
    stat,
    cpus: Array.from({ length: 200 }, (_, n) => n),
  })
  const [info] = planFigures({ ...resolveLimits({}, host, 1), memory: undefined, cpus: 100 }, large)
  expect(info).toMatchObject({ target: '/proc/cpuinfo', content: expect.not.stringContaining('flags') })
  expect(info?.type === 'file' && info.content.match(/^model name/gm)).toHaveLength(100)
})
