/** The scenarios of guest.mjs in a machine, and what tests of several callers expect of them alike. */
import type { Ending } from '@glovebox/core'
import { beforeAll, expect, test } from 'vitest'
import { type Caller, inMachine, type MachineOptions, requiresMachine } from './machine.js'

const MiB = 2 ** 20

interface Outcome {
  notices: string[]
  hits: string[]
  stdout: string
  ending: Ending
}

interface Report {
  results: Record<string, Outcome & { error?: string; message?: string } & Record<string, unknown>>
  before: unknown
  after: unknown
}

export interface Scenarios {
  /** What one of them came to. */
  of(name: string): Report['results'][string]
  all(): Report
}

export interface ScenarioOptions extends Pick<MachineOptions, 'backend'> {
  /** Some of them instead of all. */
  only?: readonly string[]
}

/** Runs the scenarios of guest.mjs in one machine, before the tests. Root has a disk there. */
export function scenariosAs(caller: Caller, { backend = 'uml', only = [] }: ScenarioOptions = {}): Scenarios {
  const supported = requiresMachine('apt:e2fsprogs')
  let report: Report | undefined
  beforeAll(async () => {
    if (!supported) return
    const disk = caller === 'root' ? '. test/cgroup2/disk.sh; ' : ''
    const chosen = only.map((name) => ` '${name}'`).join('')
    const command = `${disk}node test/cgroup2/guest.mjs $V2VM_OUT/result${chosen}`
    const { output, result } = await inMachine(caller, command, { backend })
    if (result === undefined) throw new Error(`no report:\n${output}`)
    report = JSON.parse(result) as Report
  })
  const all = () => {
    if (!report) throw new Error('no report')
    return report
  }
  return {
    all,
    of(name) {
      const outcome = all().results[name]
      if (!outcome) throw new Error(`no scenario '${name}'`)
      return outcome
    },
  }
}

/** Of root. */
export function ioIsLimitedAndCounted(scenarios: Scenarios): void {
  const { stdout, ending } = scenarios.of('io of a disk')
  expect(stdout).toBe('7:0 rbps=max wbps=8388608 riops=max wiops=max\n')
  expect(ending).toMatchObject({ cause: { kind: 'exit' }, code: 0 })
  expect(ending.usage.ioWriteBytes).toBeGreaterThanOrEqual(MiB)
}

/** Declares the test. */
export function leavesNothing(scenarios: Scenarios): void {
  test('at the end everybody is in the cgroup they were in, and there is none of ours', () => {
    const { before, after } = scenarios.all()
    expect(after).toEqual(before)
    expect(after).toMatchObject({ controllers: '', groups: [] })
  })
}
