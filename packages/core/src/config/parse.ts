import type { ParsedFileOptions, ParsedOptions } from './parsed-options.js'
import { configError, toProblems } from './problems.js'
import { fileOptionsSchema, optionsSchema } from './schema.js'

/** Options are read once a run: compiling a validator, as zod does by itself, takes longer than that. */
const once = { jitless: true }

/**
 * Validates options as the user wrote them and resolves their units. `source` says where they stand (`vitest.config.ts`).
 * Throws GLOVEBOX_CONFIG listing every problem with key and value.
 */
export function parseOptions(raw: unknown, source: string): ParsedOptions {
  const result = optionsSchema.safeParse(raw ?? {}, once)
  if (!result.success) throw configError(source, toProblems(result.error, raw))
  return result.data
}

/** The same for options of one file: those of pragmas or flags. */
export function parseFileOptions(raw: unknown, source: string): ParsedFileOptions {
  const result = fileOptionsSchema.safeParse(raw, once)
  if (!result.success) throw configError(source, toProblems(result.error, raw))
  return result.data
}
