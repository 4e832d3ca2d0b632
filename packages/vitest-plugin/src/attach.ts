import { type GloveboxOptions, parseOptions } from '@glovebox/core/adapter'
import type { TestProject, Vitest } from 'vitest/node'
import { sandboxProject } from './pool-choice.js'
import { createReporter } from './reporter.js'
import { sourceOf } from './session.js'
import { clean } from './versions.js'

const reporting = new WeakSet<Vitest['config']>()
let attached = false

/** Whether any project was taken over in this process. */
export function hasAttached(): boolean {
  return attached
}

/** Takes a project over, and sees to it that there is a reporter. */
export async function attach(vitest: Vitest, project: TestProject, options: GloveboxOptions): Promise<void> {
  attached = true
  if (!reporting.has(vitest.config)) {
    reporting.add(vitest.config)
    // Vitest makes its reporters from this list after it configured the projects. An instance may stand in it.
    ;(vitest.config.reporters as unknown[]).push(createReporter(vitest, parsed(options, project)))
  }
  await sandboxProject(vitest, project, options)
}

function parsed(options: GloveboxOptions, project: TestProject): ReturnType<typeof parseOptions> {
  try {
    return parseOptions(options, sourceOf(project))
  } catch (error) {
    throw clean(error as Error)
  }
}
