/** What the projects use of Vitest, by Jest. */
const { writeSync } = require('node:fs')
const { basename } = require('node:path')

/** Of the test that runs. */
let meta = {}
beforeEach(() => {
  meta = {}
})

/** Vitest has what a test says of itself in its report, Jest does not: it is printed. */
function tell(told) {
  const { currentTestName, testPath } = expect.getState()
  for (const [key, value] of Object.entries(told)) {
    writeSync(1, `\nMETA ${JSON.stringify([basename(testPath), currentTestName, key, value])}\n`)
  }
}

const telling = (body) => async () => {
  const own = meta
  await body({ task: { meta: own } })
  tell(own)
}

function define(name, ...rest) {
  const [options, body] = typeof rest[0] === 'function' ? [{ timeout: rest[1] }, rest[0]] : rest
  // Of all tests of the file: those that fail at first and are not to be repeated then fail once more.
  if (options.retry) jest.retryTimes(options.retry)
  test(name, telling(body), options.timeout)
}

/** Whether tests that are defined now run at the same time. */
let concurrent = false
const each = (table) => (name, body) =>
  (concurrent ? test.concurrent : test).each(table)(name, (...row) => body(...row))

exports.test = Object.assign(define, { each, skip: test.skip, todo: test.todo, fails: test.failing })
exports.describe = Object.assign((name, body) => describe(name, body), {
  concurrent(name, body) {
    describe(name, () => {
      concurrent = true
      body()
      concurrent = false
    })
  },
})
exports.beforeAll = (body) => beforeAll(async () => void (await body()))
exports.afterAll = (body) => afterAll(async () => void (await body()))
exports.beforeEach = (body) => beforeEach(async () => void (await body({ task: { meta } })))
exports.expect = expect
exports.vi = jest
exports.inject = (key) => JSON.parse(process.env.PROVIDED)[key]
