/**
 * The main module of a template: `node [flags] template.js LIBRARY ENTRY WARM`, with LIBRARY preloaded and WARM in JSON. Loads and warms
 * what every worker of its kind needs, then serves: from there on each fork continues as a worker that hands its channel to
 * the entry. Nothing here may write to stdout or stderr through Node.js, or draw from a stream that children inherit.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { assumeIdentity } from './identity.js'
import { loadForkLibrary } from './native.js'
import { importEntry, runEntry } from './run-entry.js'
import { parseStartRecords } from './start-records.js'

const [, , libraryPath = '', entryPath = '', warm = 'null'] = process.argv
delete process.env.LD_PRELOAD

const library = loadForkLibrary(libraryPath)
const entry = await importEntry(entryPath)
await entry.warm?.(JSON.parse(warm))
collectGarbage()

// From a timer's callback: no promise job and no libuv callback of ours may be on the stack when the child continues.
setImmediate(() => {
  const start = parseStartRecords(library.serve())
  assumeIdentity(library.pid(), start)
  if (entry.main) entry.main()
  else void runEntry(entry, () => library.recordPages())
})

/** A compact heap: fewer pages to copy. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  setFlagsFromString('--no-expose-gc')
  gc()
  gc()
}
