/*
 * The supervisor gives its reasons for missing cgroups as `SUBJECT: TEXT; SUBJECT: TEXT …`, one for each controller on v1. Most often
 * they are all the same. Pure.
 */

/** What most of the reasons say, once: `Permission denied`. */
export function briefReason(reason: string): string {
  const parts = reason.split('; ').map(split)
  const counts = new Map<string, number>()
  for (const { text } of parts) counts.set(text, (counts.get(text) ?? 0) + 1)
  const [commonest, count = 0] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [reason]
  return count > 1 ? commonest : reason
}

/** Why one controller is missing; the reasons for all in brief where none is its own. */
export function reasonOf(reason: string, controller: string): string {
  const names = controller === 'io' ? ['io', 'blkio'] : [controller]
  const own = reason
    .split('; ')
    .map(split)
    .find(({ subject }) => names.includes(subject))
  return own ? own.text : briefReason(reason)
}

function split(part: string): { subject: string; text: string } {
  const [, subject = '', text = part] = /^(.*?): (.*)$/.exec(part) ?? []
  return { subject, text }
}
