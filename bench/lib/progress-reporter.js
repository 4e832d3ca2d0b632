import { appendFileSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cpuOfMeasurement } from './cgroup.js'

const name = 'progress.jsonl'

/** A reporter of Vitest that notes when each file was done, and what CPU time the whole run had taken by then. */
export default class ProgressReporter {
  onTestModuleEnd() {
    const done = { at: performance.timeOrigin + performance.now(), cpu: cpuOfMeasurement() }
    appendFileSync(name, `${JSON.stringify(done)}\n`)
  }
}

/**
 * The files that a run in `folder` has done so far, one after the other: `at`, milliseconds since the epoch, and `cpu`, milliseconds,
 * absent where it cannot be measured.
 */
export function readProgress(folder) {
  try {
    return readFileSync(join(folder, name), 'utf8').trimEnd().split('\n').map(parseLine)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    return []
  }
}

/** That, and forgets it: the next run in `folder` begins anew. */
export function takeProgress(folder) {
  const done = readProgress(folder)
  rmSync(join(folder, name))
  return done
}

function parseLine(line) {
  return JSON.parse(line)
}

/** What a file cost between the ends of the first and the last of these, milliseconds. */
export function costOfEach(done) {
  const [begin, end] = [done.at(0), done.at(-1)]
  const per = (key) => (end[key] === undefined ? undefined : (end[key] - begin[key]) / (done.length - 1))
  return { wall: per('at'), cpu: per('cpu') }
}
