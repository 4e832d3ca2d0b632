import type { Preload } from '../plan/planner.js'

/** What a template is to do; its only argument, in JSON. */
export interface TemplateOrder {
  /** Path of glovebox-fork.so. */
  library: string
  /** Path of the worker entry. */
  entry: string
  /** For the `warm` of the entry. */
  warm: unknown
  preload: Preload
  /** Flags of Node.js that it was started with and that are not the user's. */
  flags: readonly string[]
  /** Path of the file for the reason why it cannot serve. */
  failure: string
}
