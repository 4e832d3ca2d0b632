/**
 * Preloaded (`NODE_OPTIONS=--import`) into the worker of a trial, before the runner: carries out what a perturbation asks for that is no
 * matter of the sandbox. Leaves no trace in the environment, so that neither the test nor its child processes see it.
 */
import { createServer, Server } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { collect, restore } from './leftovers.js'
import { moveDate } from './moved-date.js'
import type { Orders } from './perturbation.js'
import { ordersVariable } from './variables.js'

const text = process.env[ordersVariable]
delete process.env[ordersVariable]
if (text !== undefined) {
  const { orders, nodeOptions } = JSON.parse(text) as { orders: Orders; nodeOptions?: string }
  if (nodeOptions === undefined) delete process.env.NODE_OPTIONS
  else process.env.NODE_OPTIONS = nodeOptions
  carryOut(orders)
}

function carryOut({ observe, seed, date, stall, occupy, restore: files }: Orders): void {
  // Contexts draw their first number later than this, Jest's included.
  if (seed !== undefined) setFlagsFromString(`--random-seed=${seed}`)
  if (date !== undefined) moveDate(date)
  if (files !== undefined) restore(files)
  if (occupy !== undefined) for (const port of occupy) occupyPort(port)
  if (stall !== undefined) setInterval(() => block(stall.block), stall.pause).unref()
  if (observe !== undefined) {
    const ports = watchPorts()
    const begun = Date.now()
    process.on('exit', () => collect({ ...observe, begun, ports }))
  }
}

/** Bound at once, to all addresses: what the test binds afterwards finds the port taken. */
function occupyPort(port: number): void {
  createServer()
    .on('error', () => {})
    .listen(port)
    .unref()
}

function block(milliseconds: number): void {
  const until = performance.now() + milliseconds
  while (performance.now() < until);
}

/** The ports that servers are told to listen on, from now on. */
function watchPorts(): ReadonlySet<number> {
  const ports = new Set<number>()
  const { listen } = Server.prototype
  Server.prototype.listen = function (this: Server, ...args: unknown[]) {
    const [first] = args
    const port = Number(
      typeof first === 'object' && first !== null ? (first as { port?: unknown }).port : first,
    )
    if (Number.isInteger(port) && port > 0) ports.add(port)
    return (listen as (...all: unknown[]) => Server).apply(this, args)
  } as typeof listen
  return ports
}
