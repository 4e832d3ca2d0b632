import type { GloveboxOptions } from '@glovebox/core/adapter'
import type { TestProject, Vitest } from 'vitest/node'
import { inspectorNotice, isInspected } from './inspector.js'
import { sandboxProject, whyNotSandboxed } from './pool-choice.js'
import { createReporter } from './reporter.js'

/** What is said at the start of each run, by Vitest instance; its reporter says it. */
const notices = new WeakMap<Vitest, Set<string>>()

/** Takes a project over, as far as its files run in Node.js and its user chose no other pool. */
export async function attach(vitest: Vitest, project: TestProject, options: GloveboxOptions): Promise<void> {
  const said = noticesOf(vitest)
  const name = project.name === '' ? 'Test files' : `Test files of project '${project.name}'`
  const reason = whyNotSandboxed(project)
  if (reason !== undefined) {
    said.add(`${name} are not sandboxed: ${reason}.`)
    return
  }
  if (project.config.typecheck.enabled)
    said.add(`${name}: type tests are checked by the compiler, outside of any sandbox.`)
  if (isInspected(project)) said.add(inspectorNotice)
  // Merging reports runs nothing, perhaps on a host that could not.
  if (vitest.config.mergeReports !== undefined) return
  await sandboxProject(vitest, project, options)
}

function noticesOf(vitest: Vitest): Set<string> {
  const known = notices.get(vitest)
  if (known) return known
  const said = new Set<string>()
  notices.set(vitest, said)
  vitest.config.reporters.push(createReporter(vitest, said) as never)
  return said
}
