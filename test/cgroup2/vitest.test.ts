/** A whole Vitest suite on cgroup v2: one file takes too much memory and fails as itself, another passes. */
import { beforeAll, describe, expect, test } from 'vitest'
import { createFixture } from '../harness/fixture.js'
import type { JsonReport } from '../harness/run-vitest.js'
import { inMachine, requiresMachine } from './machine.js'

const files = {
  'vitest.config.js': `
    import { glovebox } from '@glovebox/vitest-plugin'
    export default {
      test: { include: ['*.test.js'], maxWorkers: 1, testTimeout: 60_000, teardownTimeout: 60_000 },
      plugins: [glovebox({ limits: { memory: '192MiB', pids: 64 } })],
    }`,
  'hog.test.js': `
    import { test } from 'vitest'
    test('runs before', () => {})
    test('takes all the memory there is', () => { const taken = []; for (;;) taken.push(Buffer.alloc(4 << 20, 1)) })`,
  'modest.test.js': `
    import { hostname } from 'node:os'
    import { writeFileSync } from 'node:fs'
    import { expect, test } from 'vitest'
    test('has a machine of its own', () => {
      expect(hostname()).toBe('glovebox')
      writeFileSync('/tmp/modest', 'x')
    })`,
}

describe.each(['root', 'a user with a delegated cgroup', 'a user in a systemd session'] as const)(
  'as %s',
  (caller) => {
    const supported = requiresMachine('vitest4.1')
    let report: JsonReport
    let output = ''
    beforeAll(async () => {
      if (!supported) return
      await using fixture = await createFixture({ vitest: '4.1', files })
      const run = await inMachine(
        caller,
        'node node_modules/vitest/vitest.mjs run --reporter=default --reporter=json --outputFile.json=$V2VM_OUT/result; ls -d /sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/glovebox*',
        { cwd: fixture.dir, chown: caller !== 'root' },
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
  },
)
