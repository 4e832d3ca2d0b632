// @ts-check
/**
 * The worker: carries out many acts one after another, or one that has this sandbox for itself.
 * @import { WorkerChannel } from '@glovebox/core/adapter'
 * @import { Targets } from './types.js'
 */
import { groups } from './acts/all.mjs'
import { endings } from './acts/endings.mjs'
import { outcomeOf, perform } from './perform.mjs'

/** @param {WorkerChannel} channel */
export default function serve(channel) {
  channel.onMessage(async (message) => {
    const { acts, ending, targets } = /** @type {{ acts: string[]; ending?: string; targets: Targets }} */ (
      message
    )
    const alone = named(endings, [ending])[0]
    if (alone) channel.send({ answer: await outcomeOf(() => alone.act(targets, channel)) })
    else channel.send({ outcomes: await perform(named(groups, acts), targets, 'act') })
  })
}

/**
 * @template {{ name: string }} T
 * @param {Readonly<Record<string, readonly T[]>>} table
 * @param {readonly unknown[]} names
 */
function named(table, names) {
  return Object.values(table)
    .flat()
    .filter(({ name }) => names.includes(name))
}
