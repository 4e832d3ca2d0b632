/**
 * The first module of a worker that is started afresh: `node [flags] bootstrap.js ENTRY [flags that are ours]`. Every such worker pays
 * for what is imported here, so keep it little. Workers that are forked begin in template.ts.
 */
import { hideFlags } from './heap-flags.js'
import { importEntry, runEntry } from './run-entry.js'

const [node = process.execPath, , entry = '', ...ours] = process.argv
// As if the entry had been started by itself, with the user's flags only.
process.argv = [node, entry]
hideFlags(ours)
await runEntry(await importEntry(entry))
