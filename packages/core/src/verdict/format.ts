/** Sizes and times in the spelling that the options accept, so that a remedy can be pasted as it is. */

const sizes = [
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
] as const

/** `256MiB`, `1.5GiB`: the largest unit that needs no more than one decimal, rounded up to it. */
export function formatBytes(bytes: number): string {
  for (const [unit, size] of sizes) {
    if (bytes >= size) return `${roundUp(bytes, size)}${unit}`
  }
  return String(bytes)
}

const durations = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const

/** `30s`, `1.5m`: as above, rounded up. */
export function formatDuration(milliseconds: number): string {
  for (const [unit, size] of durations) {
    if (milliseconds >= size) return `${roundUp(milliseconds, size)}${unit}`
  }
  return `${Math.ceil(milliseconds)}ms`
}

function roundUp(value: number, unit: number): number {
  return Math.ceil((value * 10) / unit) / 10
}
