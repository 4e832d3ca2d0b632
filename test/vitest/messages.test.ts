/** 64 MiB in one message, in both directions. */
import { beforeAll, expect, test } from 'vitest'
import type { Run } from '../harness/run-vitest.js'
import { config, createProject, eachCell, run } from './support.js'

const files = {
  'vitest.config.ts': config(`{ globalSetup: ['./global.ts'], reporters: ['./lengths.ts'] }`),
  'global.ts': `export default ({ provide }) => provide('large', 'g'.repeat(64 << 20))`,
  // A reporter that prints lengths: any other would print the message.
  'lengths.ts': `
export default class {
  onTestCaseResult(test) {
    const { state, errors = [] } = test.result()
    console.log('LENGTHS', state, ...errors.map(({ message }) => message.length))
  }
}`,
  'large.test.ts': `
import { expect, inject, test } from 'vitest'
test('from main', () => expect(inject('large').length).toBe(64 << 20))
test('to main', () => { throw new Error('w'.repeat(64 << 20)) })`,
}

eachCell((cell, available) => {
  let result: Run
  beforeAll(async () => {
    if (!available) return
    await using project = await createProject(cell, files)
    result = await run(cell, project, [], { args: ['--run'] })
  })

  test('arrives whole', () => {
    expect(result.stdout.match(/LENGTHS.*/g)).toEqual(['LENGTHS passed', `LENGTHS failed ${64 << 20}`])
  })
})
