import { mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { mergeOptions } from '../config/merge.js'
import { elsewhere } from './elsewhere.js'
import type { Meeting } from './meeting.js'
import type { TrialResult, TrialTask } from './trial-types.js'

/** Milliseconds. */
const headStart = 100

/**
 * Runs the file so many times at once, each in a sandbox of its own with a process of its own around it. They share what sandboxes
 * otherwise keep apart: the directory for temporary files and the home directory. Their workers wait for one another. One counts: that
 * begins a moment later than the others, and so finds what they have done so far.
 */
export async function copiesTrial(task: TrialTask, copies: number): Promise<TrialResult> {
  const shared = mkdtempSync(join(task.scratch, 'copies-'))
  const [temporary, home, meeting] = [join(shared, 'tmp'), join(shared, 'home'), join(shared, 'meeting')]
  for (const directory of [temporary, home, meeting]) mkdirSync(directory)
  const options = mergeOptions(task.change.options ?? {}, {
    env: { set: { TMPDIR: temporary, HOME: home } },
    filesystem: { writable: [shared] },
  })
  const run = (as: string, lag: number): Promise<TrialResult> => {
    const meet: Meeting = { directory: meeting, as, of: copies, lag }
    return elsewhere({
      ...task,
      change: { ...task.change, options, inside: { ...task.change.inside, meet } },
    })
  }
  const others = Array.from({ length: copies - 1 }, (_, index) => run(`other-${index}`, 0))
  for (const other of others) other.catch(() => {})
  const own = await run('own', headStart)
  await Promise.allSettled(others)
  return own
}
