/** A whole suite on cgroup v2: one file takes too much memory and fails as itself, another passes. The same of every runner. */
import { beforeAll, expect, test } from 'vitest'
import { createFixture, type FixtureOptions } from '../harness/fixture.js'
import type { Feature } from '../harness/requires.js'
import type { JsonReport, ModuleResult } from '../harness/run-runner.js'
import { type Caller, inMachine, type MachineOptions, requiresMachine } from './machine.js'

export interface Suite {
  needs: Feature
  /** The runner, and its configuration: files `*.test.js`, a worker, 192 MiB a file. */
  project: FixtureOptions
  /** `import`s of `expect` and `test`, where the runner has no globals. */
  imports?: string
  /** Writes a JSON report to `$V2VM_OUT/result`. */
  command: string
  /** Statements of the file that passes, about its sandbox. */
  sees?: string
}

const files = ({ imports = '', sees = '' }: Suite) => ({
  'hog.test.js': `
    ${imports}
    test('runs before', () => {})
    test('takes all the memory there is', () => { const taken = []; for (;;) taken.push(Buffer.alloc(4 << 20, 1)) })`,
  'modest.test.js': `
    ${imports}
    const { hostname } = process.getBuiltinModule('node:os')
    const { readFileSync, writeFileSync } = process.getBuiltinModule('node:fs')
    test('has a machine of its own', () => {
      expect(hostname()).toBe('glovebox')
      writeFileSync('/tmp/modest', readFileSync('/proc/self/cgroup'))
      ${sees}
    })`,
})

/** Declares the tests; the machine is started once for all of them. */
export function failsAsItself(caller: Caller, suite: Suite, machine: MachineOptions = {}): void {
  const supported = requiresMachine(suite.needs)
  let report: JsonReport
  let output = ''
  beforeAll(async () => {
    if (!supported) return
    await using fixture = await createFixture({
      ...suite.project,
      files: { ...suite.project.files, ...files(suite) },
    })
    const cgroups = 'ls -d /sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/glovebox*'
    const run = await inMachine(caller, `${suite.command}; ${cgroups}`, {
      cwd: fixture.dir,
      chown: caller !== 'root',
      ...machine,
    })
    if (run.result === undefined) throw new Error(`no report:\n${run.output}`)
    report = JSON.parse(run.result) as JsonReport
    output = run.output
  }, hookLimit(machine))

  const moduleOf = (name: string): ModuleResult => {
    const module = report.testResults.find((each) => each.name.endsWith(name))
    if (!module) throw new Error(`no ${name} in the report`)
    return module
  }

  test('the modest file passes', () => {
    expect(moduleOf('modest.test.js').assertionResults).toMatchObject([{ status: 'passed' }])
  })

  test('the hog fails with its verdict, its limit and the measured peak, and keeps what had passed', () => {
    const hog = moduleOf('hog.test.js')
    expect(hog.status).toBe('failed')
    expect(hog.message).toMatch(/Memory limit: .* 192 ?MiB.*\(peak 19[12](\.\d)? ?MiB\)/)
    expect(hog.assertionResults[0]).toMatchObject({ title: 'runs before', status: 'passed' })
  })

  test('no cgroup is left', () => {
    expect(output).toMatch(/cannot access .*glovebox\*/)
  })
}

/** The machine ends itself first. */
const hookLimit = ({ limit = 150 }: MachineOptions) => (limit + 50) * 1000
