import { subscribe } from 'node:diagnostics_channel'
import { type EventEmitter, errorMonitor } from 'node:events'

/** What a worker says over its channel, beside the adapter's messages, when the file asked for a host that its network does not reach. */
export interface NetworkRefusal {
  glovebox: 'refused'
  kind: 'name' | 'address'
  host: string
  port?: number
}

/** What fails for want of a network, as opposed to what a server answers. */
const kinds: Readonly<Record<string, NetworkRefusal['kind']>> = {
  ENOTFOUND: 'name',
  EAI_AGAIN: 'name',
  ENETUNREACH: 'address',
}

interface NetworkError {
  code?: string
  hostname?: string
  address?: string
  port?: number
  /** Of an AggregateError: one for each address that was tried. */
  errors?: NetworkError[]
}

interface HttpRequest extends EventEmitter {
  protocol: string
  getHeader(name: string): unknown
}

/**
 * Tells which hosts the file asks for in vain, whatever it does with the error. Node.js publishes what is needed: nothing is patched, and
 * an error that nobody handles stays one.
 */
export function observeNetwork(tell: (refusal: NetworkRefusal) => void): void {
  const report = (error: NetworkError, host?: string, port?: number): void => {
    const refusal = refusalOf(error, host, port)
    if (refusal) tell(refusal)
  }
  subscribe('net.client.socket', (message) => {
    const { socket } = message as { socket: EventEmitter }
    socket.once(errorMonitor, (error: NetworkError) => report(error))
  })
  subscribe('http.client.request.start', (message) => {
    const { request } = message as { request: HttpRequest }
    request.once(errorMonitor, (error: NetworkError) => {
      const { hostname, port } = targetOf(request.protocol, String(request.getHeader('host') ?? ''))
      report(error, hostname, port)
    })
  })
  // fetch
  subscribe('undici:client:connectError', (message) => {
    const { connectParams, error } = message as {
      connectParams: { protocol: string; host: string }
      error: NetworkError
    }
    const { hostname, port } = targetOf(connectParams.protocol, connectParams.host)
    report(error, hostname, port)
  })
}

/** Pure. */
export function refusalOf(error: NetworkError, hostname?: string, port?: number): NetworkRefusal | undefined {
  const { code, hostname: name, address, port: at } = error.errors?.[0] ?? error
  const kind = kinds[code ?? '']
  const host = hostname || name || address
  if (kind === undefined || host === undefined) return undefined
  const known = port ?? at
  return { glovebox: 'refused', kind, host: host.toLowerCase(), ...(known !== undefined && { port: known }) }
}

/** `https:` and `api.example.com` → port 443. */
function targetOf(protocol: string, host: string): { hostname?: string; port?: number } {
  if (!URL.canParse(`${protocol}//${host}`)) return {}
  const { hostname, port } = new URL(`${protocol}//${host}`)
  return {
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
  }
}
