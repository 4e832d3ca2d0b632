import { announcedFacts, type GloveboxFacts } from './facts.js'

/** As much of a Jest environment as is needed here. */
export interface Environment {
  global: object
}

export type EnvironmentClass = new (...input: never[]) => Environment

/** Thrown where an environment of ours is used without our runner: code GLOVEBOX_CONFIG. */
export class NotSandboxedError extends Error {
  override readonly name = 'GloveboxError'
  readonly code = 'GLOVEBOX_CONFIG'
}

/**
 * The environment with the global `glovebox` in it (see `GloveboxFacts`); it refuses to run outside of a sandbox.
 *
 * ```js
 * const { TestEnvironment } = require('jest-environment-jsdom')
 * module.exports = withGloveboxEnvironment(TestEnvironment)
 * ```
 *
 * Any other environment runs in the sandbox as well, without the two.
 */
export function withGloveboxEnvironment<Base extends EnvironmentClass>(base: Base): Base {
  const Parent: EnvironmentClass = base
  class GloveboxEnvironment extends Parent {
    constructor(...input: never[]) {
      const facts = announcedFacts()
      if (facts === undefined) throw notSandboxed()
      super(...input)
      ;(this.global as { glovebox?: GloveboxFacts }).glovebox = facts
    }
  }
  return GloveboxEnvironment as unknown as Base
}

function notSandboxed(): NotSandboxedError {
  return new NotSandboxedError(
    [
      "This file would run outside of any sandbox: Jest has Glovebox's environment, but not its runner.",
      "Add `runner: '@glovebox/jest-env/runner'` to the configuration of Jest (or, in place of both, `preset: '@glovebox/jest-env'`).",
    ].join('\n  '),
  )
}
