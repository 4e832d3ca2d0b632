/**
 * The first module of a worker that is started afresh: `node [flags] bootstrap.js ENTRY`. Every such worker pays for what is
 * imported here, so keep it little. Workers that are forked begin in template.ts.
 */
import { importEntry, runEntry } from './run-entry.js'

const [node = process.execPath, , entry = ''] = process.argv
// As if the entry had been started by itself.
process.argv = [node, entry, ...process.argv.slice(3)]
await runEntry(await importEntry(entry))
