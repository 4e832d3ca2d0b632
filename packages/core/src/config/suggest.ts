import { closestMatch } from 'leven'

/** The candidate that `word` is most likely a misspelling of; undefined when none is near. Case does not count. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const lower = new Map(candidates.map((candidate) => [candidate.toLowerCase(), candidate]))
  const match = closestMatch(word.toLowerCase(), [...lower.keys()], {
    maxDistance: Math.max(1, Math.ceil(word.length / 3)),
  })
  return match === undefined ? undefined : lower.get(match)
}

/** `did you mean "memory"?`, or the whole list when nothing is near. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const match = nearest(word, candidates)
  return match === undefined ? `valid: ${candidates.join(', ')}` : `did you mean "${match}"?`
}
