import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { GloveboxError } from '../errors.js'
import { readHostFacts } from '../host/facts.js'
import { createPlanner } from '../plan/planner.js'
import type { Profile } from '../plan/profile.js'
import { optionsOf, type RunFlags, workingDirectory } from './flags.js'

/** The profile of a command line, and what the user should know about it. Throws GLOVEBOX_CONFIG. */
export function planRun(flags: RunFlags, cwd: string): { profile: Profile; notices: readonly string[] } {
  const directory = workingDirectory(flags)
  const root = flags.root === undefined ? resolve(cwd, directory ?? '.') : cwd
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) {
    throw new GloveboxError('GLOVEBOX_CONFIG', `--cwd ${directory}: there is no such directory`)
  }
  const planner = createPlanner({
    options: optionsOf(flags, cwd),
    source: 'command line',
    root,
    host: readHostFacts(),
  })
  const { base, notices } = planner
  const inRoot = flags.root !== undefined && directory !== undefined
  return { profile: inRoot ? { ...base, cwd: resolve('/', directory) } : base, notices }
}
