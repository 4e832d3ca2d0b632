// @ts-check
/** @import { WorkerChannel } from '@glovebox/core/adapter' */
import { groups } from './acts/all.mjs'
import { perform } from './perform.mjs'

/** @param {WorkerChannel} channel */
export default function serve(channel) {
  channel.onMessage(async (message) => {
    const { acts, targets } = /** @type {{ acts: string[]; targets: import('./types.js').Targets }} */ (
      message
    )
    const wanted = Object.values(groups)
      .flat()
      .filter(({ name }) => acts.includes(name))
    channel.send(await perform(wanted, targets, 'act'))
  })
}
