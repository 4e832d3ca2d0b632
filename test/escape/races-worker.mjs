// @ts-check
/**
 * In a sandbox: swaps directories for symlinks without end, or does what an ordinary file does to the same places meanwhile.
 * @import { WorkerChannel } from '@glovebox/core/adapter'
 */
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { outcomeOf } from './perform.mjs'

/** Pairs of a directory and where a symlink in its place leads to. */
const swap = `
const { renameSync, symlinkSync, unlinkSync } = require('node:fs')
const quietly = (act, ...paths) => { try { act(...paths) } catch {} }
process.stdout.write('begun')
for (;;) for (const [directory, elsewhere] of JSON.parse(process.argv[1])) {
  quietly(renameSync, directory, directory + '.away')
  quietly(symlinkSync, elsewhere, directory)
  quietly(unlinkSync, directory)
  quietly(renameSync, directory + '.away', directory)
}`

/** @param {WorkerChannel} channel */
export default function serve(channel) {
  channel.onMessage(async (message) => {
    const { pairs, secret, snapshot } =
      /** @type {{ pairs?: string[][]; secret: string; snapshot: string }} */ (message)
    if (pairs !== undefined) {
      const racer = spawn(process.execPath, ['-e', swap, JSON.stringify(pairs)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      racer.stdout.once('data', () => channel.send('begun'))
      return
    }
    await outcomeOf(() => {
      mkdirSync(new URL('.', `file://${snapshot}`), { recursive: true })
      writeFileSync(snapshot, 'x')
    })
    channel.send({ read: await outcomeOf(() => readFileSync(secret)) })
  })
}
