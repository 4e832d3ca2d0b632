import { getSystemErrorName } from 'node:util'

/** `EPERM` for 1; Node.js counts system errors downwards. */
export function errnoName(errno: number): string {
  try {
    return getSystemErrorName(-Math.abs(errno))
  } catch {
    return `errno ${errno}`
  }
}
