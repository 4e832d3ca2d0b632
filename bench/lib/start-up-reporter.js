import { writeFileSync } from 'node:fs'

/** A reporter of Vitest that notes, of each file, when its tests began and ended; milliseconds since the epoch. */
export default class StartUpReporter {
  #files = []

  onTestModuleEnd(module) {
    const times = [...module.children.allTests()].map((test) => test.diagnostic()).filter(Boolean)
    this.#files.push({
      begin: Math.min(...times.map(({ startTime }) => startTime)),
      end: Math.max(...times.map(({ startTime, duration }) => startTime + duration)),
    })
  }

  onTestRunEnd() {
    writeFileSync('start-up.json', JSON.stringify(this.#files))
  }
}
