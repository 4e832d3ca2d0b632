import type { TestProject, Vitest } from 'vitest/node'
import { isInspected } from './inspector.js'
import { wantedSharing, whyNotSandboxed } from './pool-choice.js'

/** What is less than the user might think, or other than without Glovebox: said at the start of each run. */
export function projectNotices({ projects }: Vitest): string[] {
  return projects.flatMap((project) => {
    const reason = whyNotSandboxed(project)
    if (reason !== undefined) return [`${filesOf(project)} are not sandboxed: ${reason}.`]
    return [
      ...(project.config.typecheck.enabled
        ? [`${filesOf(project)}: type tests are checked by the compiler, outside of any sandbox.`]
        : []),
      ...(wantedSharing(project)
        ? [`${filesOf(project)}: \`isolate: false\` has no effect, every file has a sandbox of its own.`]
        : []),
      ...(isInspected(project)
        ? [
            `${filesOf(project)} share the network of the host and have no time limit, for the debugger's sake.`,
          ]
        : []),
    ]
  })
}

function filesOf({ name }: TestProject): string {
  return name === '' ? 'Test files' : `Test files of project '${name}'`
}
