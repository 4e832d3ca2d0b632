/** A worker entry that is no server of files, but runs the script that its arguments name: `glovebox run --worker fork`. */
import { closeSync } from 'node:fs'
import Module from 'node:module'
import { resolve } from 'node:path'

/** CHANNEL_FD of native/protocol.h: nobody listens at its other end. */
const CHANNEL = 3

export function main(): void {
  closeSync(CHANNEL)
  process.argv[1] = resolve(process.argv[1] ?? '')
  Module.runMain()
}

export default function unused(): never {
  throw new Error('unreachable: this entry has a main')
}
