import { fileURLToPath } from 'node:url'
import { measure } from '../lib/meter.js'

const COUNT = 64
const script = fileURLToPath(new URL('../lib/fork-loop.js', import.meta.url))

/** The fork path alone: from a request to a worker in a sandbox that stands ready. Figures are for one worker. */
export function forkSuite() {
  const variant = (name, order) => ({
    name,
    async measure() {
      const { cpu, wall } = await measure({
        command: process.execPath,
        args: [script, String(COUNT), order],
        marks: true,
      })
      return { cpu: cpu / COUNT, wall: wall / COUNT }
    },
  })
  return {
    title: `Forking a worker into a sandbox, ${COUNT} times from one template`,
    per: 'worker',
    references: [],
    skipped: [],
    variants: [variant('one after another', 'one'), variant('all at once', 'all')],
  }
}
