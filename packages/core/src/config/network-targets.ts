/** One port of the sandbox's loopback that leads outside. */
export interface Forward {
  /** In the sandbox. */
  port: number
  /** A name or an address, as the host resolves it; `localhost`: the host's loopback. */
  host: string
  hostPort: number
}

/** A host outside that may be reached by its name. */
export interface AllowedName {
  /** In lower case; `*.example.com`: every name below it, `*`: every name. */
  name: string
  /** `*`: any. */
  port: number | '*'
}

const label = '[a-z\\d_]([a-z\\d_-]{0,61}[a-z\\d_])?'
const hostName = new RegExp(`^(?=.{1,253}$)${label}(\\.${label})*$`)
const address = /^[\d.]+$|^[\da-f:.]*:[\da-f:.]*$/

/** `5432`, `db:5432`, `15432:db:5432`, `[::1]:5432`; otherwise what is wrong with it. Pure. */
export function parseForward(value: string | number): Forward | string {
  const text = String(value).trim().toLowerCase()
  const [, inner, v6, name, outer] = /^(?:(?:(\d+):)?(?:\[([^\]]*)\]|([^:[\]]+)):)?(\d+)$/.exec(text) ?? []
  if (outer === undefined) return 'is not a port, HOST:PORT or PORT:HOST:PORT'
  const host = v6 ?? name ?? 'localhost'
  if (!(v6 === undefined ? hostName : address).test(host))
    return `has no host name or address in it (${host})`
  const hostPort = portOf(outer)
  const port = inner === undefined ? hostPort : portOf(inner)
  if (hostPort === undefined || port === undefined) return 'has a port that is not between 1 and 65535'
  return { port, host, hostPort }
}

/** `api.example.com:443`, `*.internal:*`; otherwise what is wrong with it. Pure. */
export function parseAllowed(value: string): AllowedName | string {
  const [, name, port] = /^(.*):([^:]*)$/.exec(value.trim().toLowerCase()) ?? []
  if (name === undefined || port === undefined) return 'is not NAME:PORT, such as api.example.com:443'
  if (address.test(name) || name.startsWith('['))
    return 'is an address, which cannot be allowed by name; use network.forward'
  if (name === 'localhost') return 'is the sandbox itself; use network.forward for the host’s'
  if (name !== '*' && !hostName.test(name.replace(/^\*\./, '')))
    return 'is not a host name; * may stand for its first part'
  const number = port === '*' ? port : portOf(port)
  return number === undefined ? 'has a port that is not between 1 and 65535' : { name, port: number }
}

function portOf(text: string): number | undefined {
  const port = Number(text)
  return Number.isInteger(port) && port >= 1 && port <= 65535 ? port : undefined
}
