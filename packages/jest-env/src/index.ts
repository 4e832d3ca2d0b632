import type { GloveboxFacts } from './facts.js'

export type { GloveboxOptions } from '@glovebox/core/adapter' with { 'resolution-mode': 'import' }
export type { GloveboxFacts } from './facts.js'
export type { SandboxedResult } from './judge.js'
export { NotSandboxedError, withGloveboxEnvironment } from './with-environment.js'
export { withGlovebox } from './with-glovebox.js'

declare global {
  /** In tests, where the environment is Jest's for Node.js or made by `withGloveboxEnvironment`. */
  var glovebox: GloveboxFacts | undefined
}
