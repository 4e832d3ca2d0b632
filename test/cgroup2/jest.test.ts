/** A whole Jest run on cgroup v2: one file takes too much memory and fails as itself, another passes. */
import { beforeAll, describe, expect, test } from 'vitest'
import { createFixture } from '../harness/fixture.js'
import type { JsonReport } from '../harness/run-vitest.js'
import { inMachine, requiresMachine } from './machine.js'

const files = {
  'package.json': '{ "private": true }',
  'jest.config.js': `
    const { withGlovebox } = require('@glovebox/jest-env')
    module.exports = withGlovebox(
      { maxWorkers: 1, testTimeout: 60_000, transform: {}, cacheDirectory: '<rootDir>/.jest-cache' },
      { limits: { memory: '192MiB', pids: 64 } },
    )`,
  'hog.test.js': `
    test('runs before', () => {})
    test('takes all the memory there is', () => { const taken = []; for (;;) taken.push(Buffer.alloc(4 << 20, 1)) })`,
  'modest.test.js': `
    const { hostname } = require('node:os')
    const { writeFileSync } = require('node:fs')
    test('has a machine of its own', () => {
      expect(hostname()).toBe('glovebox')
      writeFileSync('/tmp/modest', 'x')
    })`,
}

describe.each(['a user with a delegated cgroup'] as const)('as %s', (caller) => {
  const supported = requiresMachine('jest30')
  let report: JsonReport
  let output = ''
  beforeAll(async () => {
    if (!supported) return
    await using fixture = await createFixture({ jest: '30', files })
    const run = await inMachine(
      caller,
      'node node_modules/jest/bin/jest.js --json --outputFile=$V2VM_OUT/result; ls -d /sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/glovebox*',
      { cwd: fixture.dir, chown: true },
    )
    if (run.result === undefined) throw new Error(`no report:\n${run.output}`)
    report = JSON.parse(run.result) as JsonReport
    output = run.output
  }, 200_000)

  const moduleOf = (name: string) => {
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
})
