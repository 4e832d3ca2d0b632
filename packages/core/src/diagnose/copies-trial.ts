import { mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { mergeOptions } from '../config/merge.js'
import { elsewhere } from './elsewhere.js'
import type { TrialResult, TrialTask } from './trial-types.js'

/** Milliseconds. */
const headStart = 100

/**
 * Runs the file so many times at once, each in a sandbox of its own with a process of its own around it. They share what sandboxes
 * otherwise keep apart: the directory for temporary files and the home directory. One counts: that begins a moment later than the others,
 * and so finds what they have done so far.
 */
export async function copiesTrial(task: TrialTask, copies: number): Promise<TrialResult> {
  const shared = mkdtempSync(join(task.scratch, 'copies-'))
  const [temporary, home] = [join(shared, 'tmp'), join(shared, 'home')]
  for (const directory of [temporary, home]) mkdirSync(directory)
  const options = mergeOptions(task.change.options ?? {}, {
    env: { set: { TMPDIR: temporary, HOME: home } },
    filesystem: { writable: [shared] },
  })
  const copy = { ...task, change: { ...task.change, options } }
  const others = Array.from({ length: copies - 1 }, () => elsewhere(copy))
  for (const other of others) other.catch(() => {})
  await setTimeout(headStart)
  const own = await elsewhere(copy)
  await Promise.allSettled(others)
  return own
}
