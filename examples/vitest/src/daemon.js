import { fork } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { listen } from './api.js'
import { imageDirectory, pidFile, stateDirectory } from './paths.js'
import { startPrinter } from './printer.js'

const self = fileURLToPath(import.meta.url)
const daemons = { api: listen, printer: startPrinter }
/** A daemon that nobody stops ends by itself after this time, in milliseconds. */
const lifetime = 120_000

/** Starts a daemon of Courier (`api` or `printer`) in the background; resolves once it serves, rejects if it cannot. */
export function startDaemon(name) {
  const child = fork(self, [name], { detached: true, stdio: 'ignore', execArgv: [] })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) =>
      reject(new Error(`Courier's ${name} ended with code ${code} while starting`)),
    )
    child.once('message', ({ error }) => {
      child.disconnect()
      child.unref()
      if (error) reject(new Error(`Courier's ${name} cannot start: ${error}`))
      else resolve(child.pid)
    })
  })
}

/** Stops all daemons of Courier and forgets its state. */
export async function stopEverything() {
  const pids = daemonPids()
  for (const pid of pids) kill(pid)
  while (pids.some(isDaemon)) await delay(10)
  rmSync(stateDirectory, { recursive: true, force: true })
  rmSync(imageDirectory, { recursive: true, force: true })
}

function daemonPids() {
  try {
    return readdirSync(stateDirectory)
      .filter((name) => name.endsWith('.daemon'))
      .map((name) => Number(readFileSync(`${stateDirectory}/${name}`, 'utf8')))
      .filter(isDaemon)
  } catch (error) {
    if (error.code === 'ENOENT') return []
    throw error
  }
}

/** A pid file may be older than the last boot: only what runs this very module is a daemon of ours. */
function isDaemon(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(self)
  } catch {
    return false
  }
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

async function main(name) {
  setTimeout(() => process.exit(), lifetime)
  try {
    await daemons[name]()
    mkdirSync(stateDirectory, { recursive: true })
    writeFileSync(pidFile(name), String(process.pid))
    process.send({})
  } catch (error) {
    process.send({ error: error.message }, () => process.exit(1))
  }
}

if (process.argv[1] === self) await main(process.argv[2])
