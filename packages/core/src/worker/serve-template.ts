/**
 * Loads and warms what every worker of the template's kind needs, then serves: from there on each fork continues as a worker that hands its
 * channel to the entry. Nothing here may write to stdout or stderr through Node.js, or draw from a stream that children inherit.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { compileLazily } from './compile-eagerly.js'
import { hideFlags, readHeapFlags } from './heap-flags.js'
import { assumeIdentity } from './identity.js'
import { loadForkLibrary } from './native.js'
import { preloading } from './preload.js'
import { rehearse } from './rehearse.js'
import { importEntry, runEntry } from './run-entry.js'
import { settle } from './settle.js'
import { parseStartRecords } from './start-records.js'
import type { TemplateOrder } from './template-order.js'
import { delayOptimization } from './tier-up.js'

const selfTest = fileURLToPath(new URL('./self-test.js', import.meta.url))
const order = JSON.parse(process.argv[2] ?? '') as TemplateOrder
delete process.env.LD_PRELOAD
hideFlags(order.flags)
delayOptimization()

const library = loadForkLibrary(order.library)
const entry = await importEntry(order.entry)
compileLazily()
try {
  const preload = preloading(order.preload)
  await entry.warm?.(order.warm, preload)
  await preload.load()
  await rehearse(library.socketPair)
  await settle()
} catch (error) {
  writeFileSync(order.failure, String((error as Error)?.message ?? error))
  process.exit(1)
}
collectGarbage()
const obstacle = library.obstacle()
if (obstacle !== undefined) {
  writeFileSync(order.failure, obstacle)
  process.exit(1)
}

// From a timer's callback: no promise job and no libuv callback of ours may be on the stack when the child continues.
setImmediate(() => {
  const start = parseStartRecords(library.serve())
  const heap = entry.main ? undefined : readHeapFlags(start.args.splice(2))
  if (heap !== undefined) library.limitHeap(heap)
  assumeIdentity(library.pid(), start)
  if (start.args[1] === selfTest) void importEntry(selfTest).then((test) => runEntry(test))
  else if (entry.main) entry.main()
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
