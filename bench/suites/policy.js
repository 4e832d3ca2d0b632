import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { measure } from '../lib/meter.js'

const loop = join(dirname(dirname(fileURLToPath(import.meta.url))), 'lib/sandbox-loop.js')

const readonly = { filesystem: { project: 'readonly' } }
const forward = { network: { forward: '5432' } }
const allow = { network: { forward: '5432', allow: ['api.example.com:443', '*.internal:*'] } }

/** What an overlay of the project and a network policy add to one sandbox. Figures are for one sandbox. */
export function policySuite({ sandboxes }) {
  return {
    title: `What a policy costs one sandbox, made and destroyed with /bin/true in it (each figure from ${sandboxes} in a row)`,
    per: 'sandbox',
    references: ['neither'],
    skipped: [],
    variants: [
      variant('neither', readonly, sandboxes),
      variant('overlay', {}, sandboxes),
      variant('network policy', { ...readonly, ...forward }, sandboxes),
      variant('overlay and network policy', forward, sandboxes),
      variant('overlay and network policy with names', allow, sandboxes),
    ],
  }
}

function variant(name, options, count) {
  const args = [loop, String(count), 'default', 'true', JSON.stringify(options)]
  return {
    name,
    measure: async () => {
      const { cpu, wall, memory } = await measure({ command: process.execPath, args, marks: true })
      return { cpu: cpu && cpu / count, wall: wall / count, memory }
    },
  }
}
