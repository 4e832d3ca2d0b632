/** What the projects use of Vitest, by Jest. */
const { writeSync } = require('node:fs')
const { basename } = require('node:path')

exports.expect = expect

/** Vitest has what a test says of itself in its report, Jest does not: it is printed. */
exports.test = (name, body, timeout) => {
  const run = async () => {
    const meta = {}
    await body({ task: { meta } })
    const { testPath } = expect.getState()
    for (const [key, value] of Object.entries(meta)) {
      writeSync(1, `\nMETA ${JSON.stringify([basename(testPath), key, value])}\n`)
    }
  }
  test(name, run, timeout)
}
