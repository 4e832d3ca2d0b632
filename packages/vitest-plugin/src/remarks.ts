import { describeQuarantined, type FileRecord, isSameTest, type TestFailure } from '@glovebox/core/adapter'
import type { RunnerTask, RunnerTestCase, RunnerTestFile } from 'vitest'
import type { Link } from './link.js'
import type { TaskUpdate } from './protocol.js'

/** What Vitest's own reporters say of a test that is neither simply passed nor failed. */
export interface Remark {
  test: RunnerTestCase
  type: 'flaky' | 'quarantined'
  message: string
  /** How often it failed before. */
  failed: number
}

/**
 * Remarks on the tests of a flaky file, or of one in quarantine. Of a failure that is no test's, a crash say, the first test tells. Pure.
 */
export function remarksOn(file: RunnerTestFile, { flaky, quarantined }: FileRecord): Remark[] {
  const found = flaky ?? quarantined
  if (found === undefined) return []
  const tests = testsBelow(file.tasks, [])
  const isOf = (name: string) => (failure: TestFailure) => isSameTest(failure.test, name)
  const ofNone = found.failures.filter((failure) => !tests.some(({ name }) => isOf(name)(failure)))
  return tests.flatMap(({ test, name }, index): Remark[] => {
    const failures = [...found.failures.filter(isOf(name)), ...(index === 0 ? ofNone : [])]
    if (failures.length === 0) return []
    if (quarantined)
      return [
        { test, type: 'quarantined', message: describeQuarantined({ ...quarantined, failures }), failed: 0 },
      ]
    const what = failures.map(({ message }) => message).join('; ')
    const message = `failed in ${failures.length} of ${flaky?.runs} runs, each in a fresh sandbox: ${what}`
    return [{ test, type: 'flaky', message, failed: failures.length }]
  })
}

/** Lets them be seen: as annotations, which `verbose`, `junit`, `tap` and others print, in `meta`, which `json` has, and as retries. */
export async function makeRemarks(remarks: readonly Remark[], link: Link): Promise<void> {
  for (const { test, type, message } of remarks) {
    const artifact = { type: 'internal:annotation', annotation: { type, message } }
    await link.call('onTaskArtifactRecord', [test.id, artifact])
  }
  const packs = remarks.map(({ test }): TaskUpdate[0][number] => [
    test.id,
    link.progress.get(test.id) ?? test.result,
    test.meta,
  ])
  if (packs.length > 0) await link.call('onTaskUpdate', remarked([packs, []], remarks))
}

/** An update with what is remarked. Pure. */
export function remarked([packs, events]: TaskUpdate, remarks: readonly Remark[]): TaskUpdate {
  const amended = packs.map(([id, result, meta]): TaskUpdate[0][number] => {
    const remark = remarks.find(({ test }) => test.id === id)
    if (remark === undefined || result === undefined) return [id, result, meta]
    const { type, message, failed } = remark
    const retries = failed === 0 ? {} : { retryCount: (result.retryCount ?? 0) + failed }
    return [id, { ...result, ...retries }, { ...meta, gloveboxRemark: { type, message } }]
  })
  return [amended, events]
}

function testsBelow(
  tasks: readonly RunnerTask[],
  parents: readonly string[],
): { test: RunnerTestCase; name: string }[] {
  return tasks.flatMap((task) => {
    const names = [...parents, task.name]
    return task.type === 'suite' ? testsBelow(task.tasks, names) : [{ test: task, name: names.join(' > ') }]
  })
}
