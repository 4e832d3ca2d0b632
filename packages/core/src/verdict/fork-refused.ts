const patterns = [
  /\bspawn(?:Sync)? [^\n]*\bEAGAIN\b/,
  /\bWorker initialization failure: EAGAIN\b/,
  /\bCannot fork\b/,
  /\bfork\b[^\n]*: Resource temporarily unavailable/,
]

/**
 * Whether an error says that a process or thread was refused: `spawnSync sh EAGAIN`, a shell's `Cannot fork`, a Worker that did not
 * start. Pure.
 */
export function forkRefused(text: string): boolean {
  return patterns.some((pattern) => pattern.test(text))
}
