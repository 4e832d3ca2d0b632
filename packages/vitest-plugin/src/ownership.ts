import type { RunnerTask, RunnerTestFile } from 'vitest'
import type { TestProject } from 'vitest/node'
import type { RpcCall, TaskUpdate } from './protocol.js'

/** The module that a worker runs. */
export interface OwnModule {
  id: string
  path: string
  /** Whether the run ends after so many failures: only then a worker has reason to cancel it. */
  bail: boolean
}

/** `path`: '' before the file is known, when no worker could say anything. */
export function ownModule(project: TestProject, path: string): OwnModule {
  const id = path && project.createSpecification(path).taskId
  return { id, path, bail: Boolean(project.config.bail) }
}

/**
 * Vitest's main process takes a worker at its word, whichever file it speaks of. A test that forges messages on the channel could give
 * another file's tests a result, or end the run early; what does not concern its own module is not passed on.
 */
export interface Ownership {
  /** Ids of others in whose name the worker has spoken, or what else it had no business with. */
  readonly foreign: ReadonlySet<string>
  /** The call without what is others'; `undefined` if nothing is left of it. */
  admit(call: RpcCall): RpcCall | undefined
}

export function createOwnership({ id, path, bail }: OwnModule): Ownership {
  const foreign = new Set<string>()
  const isOwn = (task: unknown): boolean => {
    const own = typeof task === 'string' && (task === id || task.startsWith(`${id}_`))
    if (!own) foreign.add(String(task))
    return own
  }
  const isOwnTree = (task: RunnerTask): boolean =>
    isOwn(task.id) && (!('tasks' in task) || task.tasks.every(isOwnTree))
  const isOwnFile = (file: RunnerTestFile): boolean => {
    if (file.filepath !== path) foreign.add(file.filepath)
    return file.filepath === path && isOwnTree(file)
  }

  function admit(call: RpcCall): RpcCall | undefined {
    switch (call.m) {
      case 'onQueued':
        return isOwnFile(call.a[0] as RunnerTestFile) ? call : undefined
      case 'onCollected':
        return (call.a[0] as RunnerTestFile[]).every(isOwnFile) ? call : undefined
      case 'onTaskUpdate': {
        const [packs, events] = call.a as TaskUpdate
        // As a rule the arguments stay the very same.
        if ([...packs, ...events].every(([task]) => isOwn(task))) return call
        return { ...call, a: [packs.filter(([task]) => isOwn(task)), events.filter(([task]) => isOwn(task))] }
      }
      case 'onTaskArtifactRecord':
        return isOwn(call.a[0]) ? call : undefined
      case 'onCancel':
        if (!bail) foreign.add('the run')
        return bail ? call : undefined
      default:
        return call
    }
  }

  return { foreign, admit }
}
