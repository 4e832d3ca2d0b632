// The worker of the conformance suite: runs the probe that it is asked for, and sends what it returned.
import * as probes from './probes.mjs'

const table = { ...probes }

export default function serve(channel) {
  channel.onMessage(async ({ probe, argument }) => {
    channel.send(await table[probe](argument))
  })
}
