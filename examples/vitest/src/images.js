import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { imageDirectory } from './paths.js'

/** Bytes of shared memory that the photographs of parcels may take on one machine. */
export const capacity = 64 * 1024 * 1024

/** Photographs of parcels, in shared memory, so that every process of the service has them at hand. */
export function keepImage(name, bytes) {
  mkdirSync(imageDirectory, { recursive: true })
  const used = usedMemory()
  if (used + bytes.length > capacity) {
    throw new Error(`no memory left for ${name}: ${used} of ${capacity} bytes are taken`)
  }
  writeFileSync(join(imageDirectory, name), bytes)
}

export function usedMemory() {
  return imageNames().reduce((sum, name) => sum + statSync(join(imageDirectory, name)).size, 0)
}

export function imageNames() {
  mkdirSync(imageDirectory, { recursive: true })
  return readdirSync(imageDirectory)
}
