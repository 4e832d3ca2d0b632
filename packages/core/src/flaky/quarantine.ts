import { z } from 'zod'
import { configError, toProblems } from '../config/problems.js'
import { GloveboxError } from '../errors.js'
import { isSameTest, type TestFailure } from '../verdict/flakiness.js'

/** At the runner's root. */
export const quarantineFile = 'glovebox.quarantine.json'

/** A file, or one test of it, whose failure is reported but does not fail the run, until a day. */
export interface QuarantineEntry {
  /** Relative to the runner's root. */
  file: string
  /** Full name of the test; all tests of the file, and the file itself, if absent. */
  test?: string | undefined
  owner: string
  reason: string
  /** `YYYY-MM-DD`: the last day on which it counts, in UTC. */
  expires: string
}

/** Failures that did not fail a file. */
export interface Quarantined {
  owner: string
  reason: string
  expires: string
  failures: readonly TestFailure[]
}

const text = z.string().min(1, { error: 'must not be empty' })
const listSchema = z.strictObject({
  version: z.literal(1),
  entries: z.array(
    z.strictObject({
      file: text,
      test: text.optional(),
      owner: text,
      reason: text,
      expires: z.string().refine(isDay, { error: 'is not a day such as 2026-12-31' }),
    }),
  ),
})

/** Throws GLOVEBOX_CONFIG for what is no quarantine list. `source`: its name, for messages. Pure. */
export function parseQuarantine(content: string, source: string): QuarantineEntry[] {
  let raw: unknown
  try {
    raw = JSON.parse(content)
  } catch (cause) {
    throw new GloveboxError('GLOVEBOX_CONFIG', `${source}: is not JSON: ${(cause as Error).message}`, {
      cause,
    })
  }
  const result = listSchema.safeParse(raw)
  if (!result.success) throw configError(source, toProblems(result.error, raw))
  return result.data.entries
}

/** The content of the list, in the order of files and tests. Pure. */
export function formatQuarantine(entries: readonly QuarantineEntry[]): string {
  const sorted = [...entries].sort((a, b) => compare(a.file, b.file) || compare(a.test ?? '', b.test ?? ''))
  return `${JSON.stringify({ version: 1, entries: sorted }, undefined, 2)}\n`
}

/** `today` as `YYYY-MM-DD`. */
export function hasExpired({ expires }: QuarantineEntry, today: string): boolean {
  return expires < today
}

/** The day of a moment, in UTC. */
export function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10)
}

export function isDay(day: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(Date.parse(day)) && dayOf(new Date(day)) === day
}

/**
 * Excuses a file all of whose failures stand in the list; a single one that does not fails it as before. `file`: relative to the root. An
 * entry that has expired excuses nothing. Pure.
 */
export function excuse(
  entries: readonly QuarantineEntry[],
  file: string,
  failures: readonly TestFailure[],
  today: string,
): Quarantined | undefined {
  const valid = entries.filter((entry) => entry.file === file && !hasExpired(entry, today))
  const found = failures.map((failure) => valid.find((entry) => covers(entry, failure)))
  const [first] = found
  if (first === undefined || found.includes(undefined)) return undefined
  const { owner, reason, expires } = first
  return { owner, reason, expires, failures }
}

/** One sentence for each entry that no longer counts. Pure. */
export function expiryNotices(entries: readonly QuarantineEntry[], today: string): string[] {
  return entries
    .filter((entry) => hasExpired(entry, today))
    .map(
      (entry) =>
        `${quarantineFile}: the quarantine of ${nameOf(entry)} expired on ${entry.expires} (${entry.owner}: ${entry.reason}). Its failures count again.`,
    )
}

/** `test/cart.test.ts › adds` */
export function nameOf({ file, test }: Pick<QuarantineEntry, 'file' | 'test'>): string {
  return test === undefined ? file : `${file} › ${test}`
}

/** `did not fail the run: in quarantine until 2026-12-31 (ada: …): adds: expected 3` Pure. */
export function describeQuarantined({ owner, reason, expires, failures }: Quarantined): string {
  const what = failures.map(({ test, message }) => `${test}: ${message}`).join('; ')
  return `failed, but is in quarantine until ${expires} (${owner}: ${reason}): ${what}`
}

function covers({ test }: QuarantineEntry, failure: TestFailure): boolean {
  return test === undefined || isSameTest(test, failure.test)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
