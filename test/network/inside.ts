/** Code in a sandbox with a network policy, and servers outside of it. */
import { lookup } from 'node:dns/promises'
import net, { type AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import type { Ending, GloveboxOptions } from '@glovebox/core'
import { run } from '../api/program.js'
import type { Role } from '../harness/users.js'

/** A name that this machine resolves to its own loopback without asking anybody; `undefined`: it has none. */
export const own: string | undefined = await lookup(hostname()).then(
  ({ address }) => (address.startsWith('127.') ? hostname().toLowerCase() : undefined),
  () => undefined,
)

export interface Outcome<Result> {
  result: Result
  ending: Ending
}

/** What the code of `inside` may call. */
const helpers = `
const net = require('node:net'), dns = require('node:dns')
/** What a server answers to \`text\` followed by the end of the stream; or the code of the error. */
const ask = (host, port, text = 'hello') => new Promise((resolve) => {
  let answer = ''
  const socket = net.connect({ host, port, allowHalfOpen: true }, () => socket.end(text))
  socket.setEncoding('utf8').on('data', (chunk) => { answer += chunk })
  socket.on('end', () => resolve(answer)).on('error', (error) => resolve(error.code))
})
const lookup = (name, options = {}) => new Promise((resolve) => dns.lookup(name, options, (error, address) => resolve(error?.code ?? address)))
const resolve4 = (name) => new Promise((resolve) => dns.resolve4(name, (error, addresses) => resolve(error?.code ?? addresses)))
`

/** Runs the body of an async function in a sandbox; its result crosses as JSON. Throws if anything is left behind. */
export async function inside<Result>(
  role: Role,
  network: GloveboxOptions['network'],
  body: string,
  more: GloveboxOptions = {},
): Promise<Outcome<Result>> {
  const code = `${helpers};(async () => {${body}})().then((result) => console.log(JSON.stringify(result ?? null)))`
  const { ending, stdout, stderr } = await run(role, {
    command: ['node', '-e', code],
    options: { network, filesystem: { project: 'readonly' }, ...more },
  })
  if (stdout === '') throw new Error(`no result: ${JSON.stringify(ending)}\n${stderr}`)
  return { result: JSON.parse(stdout) as Result, ending }
}

export interface Server extends AsyncDisposable {
  port: number
  /** Connections so far. */
  accepted: () => number
}

/** A server on the host's loopback. By default it repeats what it is told, and says `, bye` after the other side's end. */
export async function serve(
  handle: (socket: net.Socket) => void = echo,
  host = '127.0.0.1',
): Promise<Server> {
  let accepted = 0
  const sockets = new Set<net.Socket>()
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    accepted += 1
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    handle(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return {
    port: (server.address() as AddressInfo).port,
    accepted: () => accepted,
    [Symbol.asyncDispose]: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function echo(socket: net.Socket): void {
  socket.on('data', (chunk) => socket.write(chunk))
  socket.on('end', () => socket.end(', bye'))
}

/** A port of the host's loopback on which nobody listens. */
export async function deadPort(): Promise<number> {
  const server = await serve()
  await server[Symbol.asyncDispose]()
  return server.port
}
