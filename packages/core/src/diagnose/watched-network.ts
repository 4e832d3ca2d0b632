import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import { type AddressInfo, Server, Socket } from 'node:net'

type Any = (...args: unknown[]) => unknown

/** What was seen of the network so far. */
export interface SeenNetwork {
  /** Ports that servers were told to listen on. */
  ports: Set<number>
  /** Whether a name was looked up, or something was connected to. */
  talks: boolean
  /** Ports of loopback that answered, and belong to no server of this process. */
  services: Set<number>
}

/** Watches what this process does on the network, from now on. Child processes go unseen. */
export function watchNetwork(): SeenNetwork {
  const seen: SeenNetwork = { ports: new Set(), talks: false, services: new Set() }
  const own = new Set<number>()
  around(Server.prototype, 'listen', (server: Server, args) => {
    const { port } = targetOf(args)
    if (port > 0) seen.ports.add(port)
    server.once('listening', () => {
      const address = server.address()
      if (address !== null && typeof address !== 'string') own.add((address as AddressInfo).port)
    })
    return args
  })
  around(Socket.prototype, 'connect', (socket: Socket, args) => {
    const { port } = targetOf(args)
    if (port > 0) seen.talks = true
    socket.once('connect', () => {
      if (/^(127\.|::1$|::ffff:127\.)/.test(socket.remoteAddress ?? '') && !own.has(port))
        seen.services.add(port)
    })
    return args
  })
  const note = (_: unknown, args: unknown[]) => {
    seen.talks = true
    return args
  }
  for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6']) {
    around(dns, name, note)
    around(dns.promises, name, note)
  }
  syncBuiltinESMExports()
  return seen
}

/** Connections of this process to these ports of loopback are refused, as where nothing listens. */
export function refuseConnections(ports: readonly number[]): void {
  around(Socket.prototype, 'connect', (_: Socket, args) => {
    const { port, host } = targetOf(args)
    if (!ports.includes(port) || !isLoopback(host)) return args
    // Nobody listens on port 1 of a loopback.
    return [{ port: 1, host: '127.0.0.1' }, args.findLast((each) => typeof each === 'function')]
  })
}

function isLoopback(host: unknown): boolean {
  return host === undefined || /^(localhost|127\..*|::1|\[::1\])$/.test(String(host))
}

/** Of the arguments of `listen` and `connect`: options, port and host, or a list that `net.connect` has made of these. */
function targetOf([first, second]: unknown[]): { port: number; host: unknown } {
  if (Array.isArray(first)) return targetOf(first)
  if (typeof first === 'object' && first !== null) {
    const { port, host } = first as { port?: unknown; host?: unknown }
    return { port: toPort(port), host }
  }
  return { port: toPort(first), host: typeof second === 'string' ? second : undefined }
}

/** 0 for what is none: a path, a handle. */
function toPort(value: unknown): number {
  const port = value === undefined ? 0 : Number(value)
  return Number.isInteger(port) ? port : 0
}

/** `edit` sees the arguments of each call, and says with which it is made. */
function around<T>(target: object, name: string, edit: (self: T, args: unknown[]) => unknown[]): void {
  const call = Reflect.get(target, name) as Any
  Reflect.set(target, name, function (this: T, ...args: unknown[]) {
    return call.apply(this, edit(this, args))
  })
}
