import { relative } from 'node:path'
import type { TestedFile, TestReport } from '@glovebox/core/adapter'
import type { TestCase, TestModule } from 'vitest/node'
import './meta.js'

/** A file that ran in a sandbox, with its tests; empty for others. `root`: Vitest's, which need not be the project's. */
export function testedFile(module: TestModule, root: string): TestedFile[] {
  const record = module.meta().glovebox
  if (record === undefined) return []
  const { name } = module.project
  const errors = module.errors().map(({ message }) => message)
  return [
    {
      file: relative(root, module.moduleId),
      ...(name !== '' && { project: name }),
      state: module.state(),
      ...record,
      tests: [...module.children.allTests()].map(toTest),
      ...(errors.length > 0 && { error: errors.join('\n') }),
    },
  ]
}

function toTest(test: TestCase): TestReport {
  const { state, errors: [error] = [] } = test.result()
  const duration = test.diagnostic()?.duration
  return {
    name: namesOf(test),
    state: state === 'passed' || state === 'failed' ? state : 'skipped',
    ...(duration !== undefined && { duration }),
    ...(error !== undefined && { message: [error.message, ...framesOf(error.stack)].join('\n') }),
  }
}

/** A stack begins with the message again. */
function framesOf(stack = ''): string[] {
  return stack.split('\n').filter((line) => /^\s+at /.test(line))
}

function namesOf(test: TestCase): string[] {
  const names = [test.name]
  for (let { parent } = test; parent.type === 'suite'; parent = parent.parent) names.unshift(parent.name)
  return names
}
