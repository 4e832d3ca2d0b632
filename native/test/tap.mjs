// @ts-check
/** Runs a unit-test program of native/test and reads its TAP lines (tap.h). */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * @typedef {object} Outcome
 * @property {string} title
 * @property {boolean} passed
 * @property {string | undefined} skipped the reason
 * @property {string} notes what the case said about its failure
 */

/**
 * The titles of a program's cases, without running them.
 * @param {string} program path
 * @returns {Promise<string[]>}
 */
export async function titlesOf(program) {
  const { stdout } = await run(program, ['--list'])
  return stdout.split('\n').filter((line) => line !== '')
}

/**
 * Runs every case. A failing case does not reject.
 * @param {string} program path
 * @param {NodeJS.ProcessEnv} [env] added to ours
 * @param {readonly string[]} [args] the program, where the path is that of an emulator
 * @returns {Promise<Map<string, Outcome>>} by title
 */
export async function runCases(program, env = {}, args = []) {
  const options = {
    env: { ...process.env, ...env },
    timeout: 300_000,
    killSignal: /** @type {const} */ ('SIGKILL'),
  }
  const { stdout } = await run(program, args, options).catch((error) => {
    if (typeof error.code === 'number') return error // its cases say what failed
    throw error
  })
  return parseTap(stdout)
}

/**
 * @param {string} text
 * @returns {Map<string, Outcome>} by title
 */
export function parseTap(text) {
  /** @type {Map<string, Outcome>} */
  const outcomes = new Map()
  /** @type {string[]} */
  let notes = []
  for (const line of text.split('\n')) {
    const match = /^(ok|not ok) \d+ - (.*?)(?: # SKIP (.*))?$/.exec(line)
    if (match) {
      const [, state, title = '', skipped] = match
      outcomes.set(title, { title, passed: state === 'ok', skipped, notes: notes.join('\n') })
      notes = []
    } else if (line !== '' && !/^1\.\.\d+$/.test(line)) {
      notes.push(line)
    }
  }
  return outcomes
}
