import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'

/** A Vitest reporter that leaves the outcome of each file where the demo looks for it. */
export default class DemoReporter {
  onTestRunEnd(modules, unhandled) {
    const files = modules.map((module) => {
      const tests = [...module.children.allTests()]
      const errors = [...module.errors(), ...tests.flatMap((test) => test.result().errors ?? [])]
      return {
        file: basename(module.moduleId),
        state: module.state(),
        passed: tests.filter((test) => test.result().state === 'passed').length,
        tests: tests.length,
        error: errors[0]?.message,
        verdict: module.meta().glovebox?.verdict?.kind,
      }
    })
    const report = { files, unhandled: unhandled.map((error) => error.message) }
    writeFileSync(process.env.GLOVEBOX_DEMO_REPORT, JSON.stringify(report))
  }
}
