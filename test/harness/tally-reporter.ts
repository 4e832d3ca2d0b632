/**
 * Appends a JSON line for each file that starts or ends to the file that GLOVEBOX_TALLY names. `npm test` counts from it, so that its closing
 * line is right even when the run had to be ended from outside.
 */
import { appendFileSync } from 'node:fs'
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

export interface Tally {
  event: 'end'
  file: string
  project: string
  passed: number
  failed: number
  skipped: number
  /** Milliseconds. */
  duration: number
  /** Why tests were skipped, each reason once. */
  reasons: string[]
}

export default class TallyReporter implements Reporter {
  readonly #target = process.env.GLOVEBOX_TALLY

  onTestModuleStart(module: TestModule): void {
    this.#append({ event: 'start', file: module.relativeModuleId, project: module.project.name })
  }

  onTestModuleEnd(module: TestModule): void {
    const tally: Tally = {
      ...empty(module.relativeModuleId, module.project.name),
      duration: module.diagnostic().duration,
    }
    const reasons = new Set<string>()
    for (const test of module.children.allTests()) {
      const result = test.result()
      if (result.state === 'passed') tally.passed += 1
      else if (result.state === 'failed') tally.failed += 1
      else tally.skipped += 1
      if (result.state === 'skipped' && result.note) reasons.add(result.note)
    }
    // A module that broke before, between or after its tests: an import that throws, a hook, a worker that died.
    if (module.state() === 'failed' && tally.failed === 0) tally.failed = 1
    this.#append({ ...tally, reasons: [...reasons] })
  }

  onTestRunEnd(_modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    if (unhandled.length > 0) this.#append({ ...empty('unhandled errors', ''), failed: unhandled.length })
  }

  #append(record: Tally | { event: 'start'; file: string; project: string }): void {
    if (this.#target) appendFileSync(this.#target, `${JSON.stringify(record)}\n`)
  }
}

function empty(file: string, project: string): Tally {
  return { event: 'end', file, project, passed: 0, failed: 0, skipped: 0, duration: 0, reasons: [] }
}
