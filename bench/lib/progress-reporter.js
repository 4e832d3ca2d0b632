import { writeFileSync } from 'node:fs'
import { cpuOfMeasurement } from './cgroup.js'

/** A reporter of Vitest that notes when each file was done, and what CPU time the whole run had taken by then; milliseconds. */
export default class ProgressReporter {
  #done = []

  onTestModuleEnd() {
    this.#done.push({ wall: performance.now(), cpu: cpuOfMeasurement() })
  }

  onTestRunEnd() {
    writeFileSync('progress.json', JSON.stringify(this.#done))
  }
}
