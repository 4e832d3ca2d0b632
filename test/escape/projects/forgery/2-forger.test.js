import { writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { serialize } from 'node:v8'

/** As the runner's own worker does, or straight onto the channel of a sandbox. */
function say(message) {
  // The process itself: Jest gives its tests a copy, which cannot send.
  if (process.env.PLAIN) return writeSync.constructor('return process')().send(message)
  const payload = serialize(message)
  const header = Buffer.alloc(4)
  header.writeUInt32LE(payload.length)
  writeSync(3, Buffer.concat([header, payload]))
}

function hashOf(text) {
  let hash = 0
  for (const character of text) hash = ((hash << 5) - hash + character.charCodeAt(0)) | 0
  return String(hash)
}

const pass = { state: 'pass', errors: undefined, startTime: Date.now(), duration: 1 }
const victim = '1-victim.test.js'

const forgeForVitest = () => {
  // As Vitest 4 names a file, and as Vitest 5 does.
  for (const id of [hashOf(victim), hashOf(`${victim}\0\0\0`)]) {
    const packs = [id, `${id}_0`].map((each) => [each, pass, {}])
    say({ t: 'q', m: 'onTaskUpdate', a: [packs, [[id, 'suite-finished', undefined]]], i: `forged-${id}` })
  }
  say({ t: 'q', m: 'onCancel', a: ['test-failure'], i: 'forged-cancel' })
}

const forgeForJest = (path) => {
  const assertion = { ancestorTitles: [], failureDetails: [], failureMessages: [], fullName: 'is wrong' }
  const result = {
    failureMessage: null,
    leaks: false,
    numFailingTests: 0,
    numPassingTests: 1,
    numPendingTests: 0,
    numTodoTests: 0,
    openHandles: [],
    perfStats: { start: 1, end: 2, runtime: 1, slow: false },
    skipped: false,
    snapshot: { added: 0, matched: 0, unchecked: 0, uncheckedKeys: [], unmatched: 0, updated: 0 },
    testFilePath: join(dirname(path), victim),
    testResults: [{ ...assertion, status: 'passed', title: 'is wrong', numPassingAsserts: 1 }],
  }
  say(process.env.PLAIN ? [0, result] : { glovebox: 'done', result })
}

test('speaks for another file', () => {
  const { testPath } = expect.getState()
  if (process.env.VITEST) forgeForVitest()
  else forgeForJest(testPath)
})
