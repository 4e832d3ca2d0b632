import { z } from 'zod'

export interface QuantityKind {
  /** Its name in docs/reference.md, which explains the spellings. */
  value: 'size' | 'duration' | 'number' | 'whole number' | 'mask'
  /** What a valid value looks like, for messages: `a size such as 256MiB, or bytes as a number`. */
  expected: string
  parse: (value: string | number) => number | undefined
  /** Smallest value allowed; by default it must be more than 0. */
  min?: number
  max?: number
}

/** A number with a human spelling. */
export function quantity(kind: QuantityKind): z.ZodType<number, string | number> {
  return z
    .union([z.number(), z.string()], { error: `is not ${kind.expected}` })
    .transform((value, context) => readQuantity(kind, value, context))
    .meta({ value: kind.value })
}

/** The same, or the word `none`: no limit. */
export function quantityOrNone(numbers: QuantityKind): z.ZodType<number | 'none', string | number> {
  const kind = { ...numbers, expected: `${numbers.expected}, or none` }
  return z
    .union([z.number(), z.string()], { error: `is not ${kind.expected}` })
    .transform((value, context) => (value === 'none' ? value : readQuantity(kind, value, context)))
    .meta({ value: `${kind.value}, or \`none\`` })
}

function readQuantity(kind: QuantityKind, value: string | number, context: z.RefinementCtx): number {
  const number = kind.parse(value)
  const problem = number === undefined ? `is not ${kind.expected}` : rangeProblem(kind, number)
  if (problem === undefined) return number as number
  context.addIssue({ code: 'custom', message: problem })
  return z.NEVER
}

function rangeProblem(
  { min, max = Number.POSITIVE_INFINITY }: QuantityKind,
  number: number,
): string | undefined {
  if (min === undefined && number <= 0) return 'must be more than 0'
  if (min !== undefined && number < min) return `must be at least ${min}`
  return number > max ? `must be at most ${max}` : undefined
}
