import { inspect } from 'node:util'
import { z } from 'zod'
import { GloveboxError } from '../errors.js'
import { optionsSchema } from './schema.js'
import { settings } from './settings.js'
import { nearest, suggestion } from './suggest.js'

/** One thing that is wrong with options. */
export interface Problem {
  /** The key as a user finds it: `overrides[0].limits.memory`, `@glovebox-memory`. */
  key: string
  /** Absent where it is the key that is wrong. */
  value?: { shown: unknown }
  /** Continues "KEY: VALUE": `must be more than 0`. */
  message: string
  remedy?: string
}

/** The error that lists all problems of one place. */
export function configError(source: string, problems: readonly Problem[]): GloveboxError {
  const lines = problems.map(
    ({ key, value, message, remedy }) =>
      [
        [`${key}:`, ...(value ? [show(value.shown)] : []), message].join(' ') + (remedy ? `. ${remedy}` : ''),
      ][0],
  )
  return new GloveboxError(
    'GLOVEBOX_CONFIG',
    lines.length === 1
      ? `${source}: ${lines[0]}`
      : `${source}: ${lines.length} problems\n  ${lines.join('\n  ')}`,
    { remedy: 'Every option, with its values: docs/reference.md' },
  )
}

/** What zod found, in terms of what the user wrote. `raw` is the value that was parsed, `base` the path of it. */
export function toProblems(error: z.ZodError, raw: unknown): Problem[] {
  return error.issues.flatMap((issue) => issueProblems(issue, [], raw))
}

function issueProblems(issue: z.core.$ZodIssue, base: readonly PropertyKey[], raw: unknown): Problem[] {
  const path = [...base, ...issue.path]
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      key: formatPath([...path, key]),
      message: `unknown option; ${suggestKey(key, path)}`,
    }))
  }
  if (issue.code === 'invalid_union') {
    // The branch that the value was meant for: the one that does not already fail on the value's type.
    const meant = issue.errors.filter(
      (branch) => !branch.some((inner) => inner.path.length === 0 && isTypeIssue(inner)),
    )
    if (meant.length === 1) return (meant[0] ?? []).flatMap((inner) => issueProblems(inner, path, raw))
  }
  if (issue.code === 'invalid_key') return issue.issues.flatMap((inner) => issueProblems(inner, path, raw))
  return [{ key: formatPath(path), value: { shown: valueAt(raw, path) }, message: describe(issue) }]
}

function isTypeIssue(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_value'
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return `is not one of ${issue.values.join(', ')}`
  if (issue.code === 'invalid_type')
    return `is not ${issue.expected === 'array' ? 'a list' : `of type ${issue.expected}`}`
  return issue.message.replace(/^Invalid input.*/, 'is not a valid value')
}

/** A valid key near to one that is not: on the same level, or anywhere (`memory` → `limits.memory`). */
function suggestKey(key: string, path: readonly PropertyKey[]): string {
  const anywhere = new Map(settings.map((setting) => [setting.path.at(-1) as string, setting.path.join('.')]))
  const exact = anywhere.get(key)
  if (exact) return `did you mean "${exact}"?`
  const level = keysAt(path)
  const near = nearest(key, level) === undefined ? nearest(key, [...anywhere.keys()]) : undefined
  return near === undefined ? suggestion(key, level) : `did you mean "${anywhere.get(near)}"?`
}

interface JsonSchema {
  properties?: Record<string, JsonSchema>
  items?: JsonSchema
  anyOf?: JsonSchema[]
}

function keysAt(path: readonly PropertyKey[]): string[] {
  let level = [z.toJSONSchema(optionsSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema]
  for (const step of path) {
    level = branches(level).flatMap(
      (schema) => (typeof step === 'number' ? schema.items : schema.properties?.[String(step)]) ?? [],
    )
  }
  return branches(level).flatMap((schema) => Object.keys(schema.properties ?? {}))
}

function branches(level: JsonSchema[]): JsonSchema[] {
  return level.flatMap((schema) => [schema, ...branches(schema.anyOf ?? [])])
}

function formatPath(path: readonly PropertyKey[]): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  return text.replace(/^\./, '') || 'options'
}

/** What the user wrote at the path; where text stands for an object (`io`), the text. */
function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  const step = (value: unknown, key: PropertyKey) =>
    typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : value
  return path.reduce(step, raw)
}

function show(value: unknown): string {
  const text = inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 80 })
  return text.length > 120 ? `${text.slice(0, 119)}…` : text
}
