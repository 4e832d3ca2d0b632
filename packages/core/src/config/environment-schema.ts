import { z } from 'zod'
import type { EnvBase, EnvOptions } from './options.js'
import type { ParsedFileOptions } from './parsed-options.js'

const base = z.enum(['inherit', 'clean']).meta({
  description:
    '`inherit`: the runner’s environment; `clean`: the same without variables whose name says that they hold a secret (`*_TOKEN`, `*_SECRET`, `*_KEY`, `*PASSWORD*` …).',
  fallback: 'inherit',
})
const assignment = z.string().regex(/^[^=]+=/, { error: 'is not an assignment such as TZ=UTC' })
const variable = z.string().regex(/^[^=]+$/, { error: 'is not the name of a variable' })

/** A string is short for `{ base }`; assignments may be an object or a list of `NAME=value` (pragmas, flags). */
export const environmentSchema: z.ZodType<ParsedFileOptions['env'], EnvBase | EnvOptions | undefined> =
  z.union([
    base.transform((name) => ({ base: name })),
    z.strictObject({
      base: base.optional(),
      set: z
        .union([
          z.array(assignment).transform((list) => Object.fromEntries(list.map(splitAssignment))),
          z.record(variable, z.string()),
        ])
        .optional()
        .meta({ description: "Variables to set, e.g. `{ TZ: 'UTC' }`." }),
      unset: z
        .array(variable)
        .optional()
        .meta({ description: 'Names to take away; `*` stands for any text.' }),
      keep: z.array(variable).optional().meta({
        description: 'Names that `clean` leaves although they look secret; `*` stands for any text.',
      }),
    }),
  ])

/** `NAME=value` → [NAME, value]; the value may hold further `=`, and is empty where there is none. */
export function splitAssignment(text: string): [string, string] {
  const at = text.indexOf('=')
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
