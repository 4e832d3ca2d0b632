/** The first module of a worker: `node [flags] bootstrap.js ENTRY`. Every worker pays for what is imported here, so keep it little. */
import { importEntry, runEntry } from './run-entry.js'

const [node = process.execPath, , entry = '', ...args] = process.argv
// As if the entry had been started by itself.
process.argv = [node, entry, ...args]
await runEntry(await importEntry(entry))
