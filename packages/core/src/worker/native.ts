/**
 * The in-process half of the fork server: everything that JavaScript calls in native/fork, through koffi. Loaded in templates only,
 * where the same library is preloaded (LD_PRELOAD), so that loading it here finds it already mapped.
 */
import { createRequire } from 'node:module'

export interface ForkLibrary {
  /** Why this process cannot be forked from: modules loaded since `loadForkLibrary` started threads or keep something open. */
  obstacle(): string | undefined
  /**
   * Serves fork requests until the supervisor hangs up, then ends the process: in the template it never returns. In each forked
   * child it returns with the records (NUL-terminated `key=value`) of the `start` request that it was forked for.
   */
  serve(): Buffer
  /**
   * For a child whose work is done: the first to call it records which pages it dirtied, so that later ones have them populated
   * at once. Returns the number of pages, 0 if that was done before.
   */
  recordPages(): number
  /** Lowers V8's limit of its old generation, bytes; false where this V8 cannot. */
  limitHeap(bytes: number): boolean
  /** The process id in the PID namespace of this process. */
  pid(): number
  /** Two ends of a stream. */
  socketPair(): [number, number]
}

/** Largest `start` request, bytes: MAX_REQUEST of native/protocol.h. */
const CAPACITY = 1024 * 1024
const REASON_CAPACITY = 4096

const AF_UNIX = 1
/** SOCK_STREAM | SOCK_CLOEXEC */
const SOCK_STREAM_CLOEXEC = 1 | 0o2000000

export function loadForkLibrary(path: string): ForkLibrary {
  const koffi = requireWithoutTrace('koffi') as typeof import('koffi')
  const library = koffi.load(path)
  library.func('void gb_template_begin()')()
  const check = library.func('bool gb_template_check(_Out_ char *reason, size_t capacity)')
  const serve = library.func('int gb_template_serve(_Out_ char *payload, size_t capacity)')
  const recordPages = library.func('int gb_pages_record()')
  const limitHeap = library.func('int gb_heap_limit(double bytes)')
  const pid = library.func('int getpid()')
  const socketPair = library.func('int socketpair(int domain, int type, int protocol, _Out_ int *ends)')
  return {
    obstacle: () => {
      const reason = Buffer.alloc(REASON_CAPACITY)
      if (check(reason, reason.length) === true) return undefined
      return reason.toString('utf8', 0, reason.indexOf(0))
    },
    serve: () => {
      const payload = Buffer.alloc(CAPACITY)
      return payload.subarray(0, serve(payload, payload.length) as number)
    },
    recordPages: () => recordPages() as number,
    limitHeap: (bytes) => limitHeap(bytes) === 0,
    pid: () => pid() as number,
    socketPair: () => {
      const ends: [number, number] = [-1, -1]
      if (socketPair(AF_UNIX, SOCK_STREAM_CLOEXEC, 0, ends) !== 0)
        throw new Error('there are no sockets left')
      return ends
    },
  }
}

/** Tests see `require.cache`; what only this process needs must not stand there. */
function requireWithoutTrace(name: string): unknown {
  const require = createRequire(import.meta.url)
  const before = new Set(Object.keys(require.cache))
  const module: unknown = require(name)
  for (const path of Object.keys(require.cache)) if (!before.has(path)) delete require.cache[path]
  return module
}
