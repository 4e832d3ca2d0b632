/**
 * Preloaded (`NODE_OPTIONS=--import`) into the worker of a trial, before the runner: carries out what a perturbation asks for that is no
 * matter of the sandbox. Leaves no trace in the environment, so that neither the test nor its child processes see it.
 */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { collect, litter, restore } from './leftovers.js'
import { meet } from './meeting.js'
import { moveDate } from './moved-date.js'
import type { Orders } from './perturbation.js'
import { seedCrypto } from './seeded-crypto.js'
import { slowFiles } from './slow-files.js'
import { ordersVariable } from './variables.js'
import { refuseConnections, watchNetwork } from './watched-network.js'

/** Tests may make the clock stand still, which must not block them forever. */
const now = performance.now.bind(performance)

const text = process.env[ordersVariable]
delete process.env[ordersVariable]
if (text !== undefined) {
  const { orders, nodeOptions } = JSON.parse(text) as { orders: Orders; nodeOptions?: string }
  if (nodeOptions === undefined) delete process.env.NODE_OPTIONS
  else process.env.NODE_OPTIONS = nodeOptions
  carryOut(orders)
}

function carryOut(orders: Orders): void {
  const { observe, seed, date, stall, occupy, refuse, rivals, taken } = orders
  // Contexts draw their first number later than this, Jest's included.
  if (seed !== undefined) {
    setFlagsFromString(`--random-seed=${seed}`)
    seedCrypto(seed)
  }
  if (date !== undefined) moveDate(date)
  if (orders.litter) litter()
  if (orders.restore !== undefined) restore(orders.restore)
  if (occupy !== undefined) for (const port of occupy) occupyPort(port)
  if (refuse !== undefined) refuseConnections(refuse)
  if (stall !== undefined) setInterval(() => block(stall.block), stall.pause).unref()
  if (rivals !== undefined) for (let count = 0; count < rivals; count++) startRival()
  if (observe !== undefined) {
    const seen = watchNetwork()
    const begun = Date.now()
    process.on('exit', () => collect({ ...observe, begun, seen }))
  }
  if (orders.meet !== undefined) meet(orders.meet)
  if (taken !== undefined) writeFileSync(taken, '')
  // The last one: it slows down all that follows.
  if (orders.slowFiles !== undefined) slowFiles(orders.slowFiles)
}

/** A program that is always busy. It ends with the sandbox. */
function startRival(): void {
  spawn('/bin/sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' })
    .on('error', () => {})
    .unref()
}

/** Bound at once, to all addresses: what the test binds afterwards finds the port taken. */
function occupyPort(port: number): void {
  createServer()
    .on('error', () => {})
    .listen(port)
    .unref()
}

function block(milliseconds: number): void {
  const until = now() + milliseconds
  while (now() < until);
}
