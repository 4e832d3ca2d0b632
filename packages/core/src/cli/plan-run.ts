import { realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { GloveboxError } from '../errors.js'
import { type HostFacts, readHostFacts } from '../host/facts.js'
import { createPlanner } from '../plan/planner.js'
import type { Profile } from '../plan/profile.js'
import { findWorkspaceRoot } from '../plan/workspace.js'
import { optionsOf, type RunFlags, workingDirectory } from './flags.js'
import { projectMode, projectNotice } from './project-mode.js'

export interface RunPlan {
  profile: Profile
  /** What the user should know about it. */
  notices: readonly string[]
}

/** The profile of a command line typed in `cwd`. Throws GLOVEBOX_CONFIG. */
export function planRun(flags: RunFlags, cwd: string): RunPlan {
  return flags.root === undefined ? planHere(flags, cwd) : planInRoot(flags, cwd)
}

/** On the host's own root: the working directory lies in a project. */
function planHere(flags: RunFlags, cwd: string): RunPlan {
  const host = readHostFacts()
  const root = existingDirectory(resolve(cwd, workingDirectory(flags) ?? '.'))
  const project = findWorkspaceRoot(root, realPath(host.home))
  const mode = projectMode(project, { home: realPath(host.home), tmpdir: realPath(host.tmpdir) })
  const { base, notices } = planner(optionsOf(flags, cwd, mode), root, host)
  const notice = flags.project === undefined ? projectNotice(project, mode) : undefined
  return { profile: base, notices: notice === undefined ? notices : [...notices, notice] }
}

/** In a root of the user's own, where --cwd is meant too. */
function planInRoot(flags: RunFlags, cwd: string): RunPlan {
  const { base, notices } = planner(optionsOf(flags, cwd), cwd, readHostFacts())
  return { profile: { ...base, cwd: resolve('/', workingDirectory(flags) ?? '.') }, notices }
}

function planner(
  options: ReturnType<typeof optionsOf>,
  root: string,
  host: HostFacts,
): ReturnType<typeof createPlanner> {
  return createPlanner({ options, source: 'command line', root, host })
}

function existingDirectory(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return realpathSync(path)
  throw new GloveboxError('GLOVEBOX_CONFIG', `--cwd ${path}: there is no such directory`)
}

/** A home directory may be missing. */
function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
