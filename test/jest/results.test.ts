/** What reporters get: events while they happen, values of every kind, and what Glovebox has to say of a file. */
import { beforeAll, expect, test } from 'vitest'
import type { Run } from '../harness/run-runner.js'
import { createProject, eachCell, printed, run } from './support.js'

const reporter = `
const { basename } = require('path')
const name = (test) => basename(test.path)
module.exports = class {
  onTestCaseStart(test, info) { console.log('STARTED', name(test), info.title) }
  onTestCaseResult(test, result) { console.log('ENDED', name(test), result.title, result.status) }
  onTestFileResult(test, result) {
    const { verdict, usage, leaks } = (result.glovebox ?? result.testExecError?.glovebox) ?? {}
    console.log('FILE', name(test), verdict?.kind, typeof usage?.wall, leaks?.length)
    for (const { title, failureDetails } of result.testResults) {
      const { expected, actual } = failureDetails[0]?.matcherResult ?? {}
      if (title === 'BigInt') console.log('BIGINT', actual.value === 1n, expected.value === 2n)
      if (title === 'circular') console.log('CIRCULAR', actual.self === actual)
      if (title === 'functions') console.log('FUNCTIONS', Object.keys(actual).join())
      if (title === 'large') console.log('LARGE', actual.length)
    }
  }
}`

const files = {
  'reporter.js': reporter,
  'values.test.js': `
test('BigInt', () => expect({ value: 1n }).toEqual({ value: 2n }))
test('circular', () => { const a = { name: 'a' }; a.self = a; expect(a).toEqual({ name: 'b' }) })
test('functions', () => expect({ call: () => 1, data: 1 }).toEqual({ data: 2 }))
test('large', () => expect('x'.repeat(4e6)).toBe('y'))`,
  'import.test.js': `process.kill(process.pid, 'SIGKILL'); while (true);`,
  // Says itself, on the worker's message channel, that all is well; then dies.
  'forged.test.js': `
const { serialize } = require('v8'), { writeSync } = require('fs')
test('forges', () => {
  const passed = { ancestorTitles: [], title: 'forges', fullName: 'forges', status: 'passed', failureMessages: [], failureDetails: [] }
  const result = { numFailingTests: 0, numPassingTests: 1, numPendingTests: 0, numTodoTests: 0, testResults: [passed], snapshot: {}, perfStats: {}, testFilePath: __filename, failureMessage: null }
  const body = serialize({ glovebox: 'done', result })
  const head = Buffer.alloc(4)
  head.writeUInt32LE(body.length)
  writeSync(3, Buffer.concat([head, body]))
  process.kill(process.pid, 'SIGKILL')
  while (true);
})`,
}

eachCell((cell, available) => {
  let result: Run
  beforeAll(async () => {
    if (!available) return
    await using project = await createProject(cell, files)
    // Jest's own JSON report cannot hold what is circular.
    result = await run(cell, project, ['--reporters=./reporter.js', '--reporters=default'], { json: false })
  })

  test.each([
    'STARTED values.test.js BigInt',
    'ENDED values.test.js circular failed',
    'STARTED forged.test.js forges',
    'BIGINT true true',
    'CIRCULAR true',
    'FUNCTIONS data',
    'LARGE 4000000',
    'FILE values.test.js passed-through number 0',
    'FILE import.test.js killed number 0',
    'FILE forged.test.js killed number 0',
  ])('%s', (line) => {
    expect(printed(result)).toContain(line)
  })

  test('a forged result does not pass a file that was killed', () => {
    expect(printed(result)).toMatch(/FAIL .*forged\.test\.js/)
    expect(printed(result)).not.toMatch(/PASS /)
    expect(result.code).toBe(1)
  })
})
