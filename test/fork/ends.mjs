// Ways to end: what is compared is how the worker ended and what it printed.
import fs from 'node:fs'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'

const require = createRequire(import.meta.url)
/** No answer: it ends otherwise. */
const forever = new Promise(() => {})

export const exits = () => {
  process.on('exit', (code) => fs.writeSync(1, `exit listener ${code}\n`))
  process.exit(3)
}
export const exitCode = () => {
  process.exitCode = 5
  process.exit()
}
export const throwsLater = () => {
  setTimeout(() => {
    throw new RangeError('uncaught')
  })
  return forever
}
export const rejects = () => void Promise.reject(new TypeError('unhandled'))
export const handlesUncaught = () => {
  process.on('uncaughtException', (error) => {
    fs.writeSync(1, `handled ${error.message}\n`)
    process.exit(9)
  })
  setTimeout(() => {
    throw new Error('late')
  })
  return forever
}
export const handlesRejections = () => {
  process.on('unhandledRejection', (reason) => fs.writeSync(1, `unhandled ${reason.message}\n`))
  process.on('rejectionHandled', () => {
    fs.writeSync(1, 'handled after all\n')
    process.exit(7)
  })
  const rejected = Promise.reject(new Error('late'))
  setTimeout(() => rejected.catch(() => {}), 10)
  return forever
}
export const monitorsUncaught = () => {
  process.on('uncaughtExceptionMonitor', (error, origin) =>
    fs.writeSync(1, `monitored ${error.message} ${origin}\n`),
  )
  setTimeout(() => {
    throw new Error('seen')
  })
  return forever
}
export const warns = () => {
  process.on('warning', ({ name, message }) => fs.writeSync(1, `${name}: ${message}\n`))
  const emitter = new (require('node:events'))()
  for (let i = 0; i < 11; i++) emitter.on('x', () => {})
  setTimeout(() => process.exit(6), 20)
  return forever
}
export const endsByAThread = () => {
  const worker = new Worker('process.exit(8)', { eval: true })
  worker.on('exit', (code) => process.exit(code))
  return forever
}
export const aborts = () => process.abort()
export const terminates = () => process.kill(process.pid, 'SIGTERM')
export const killsItself = () => process.kill(process.pid, 'SIGKILL')
export const killsItsParent = () => {
  process.kill(process.ppid, 'SIGKILL')
  process.exit(4)
}
export const crashes = () => process.kill(process.pid, 'SIGSEGV')
/** Half of what is allocated lives on for a while, so that V8's young generation grows to what it may have. */
export const exhaustsItsHeapFast = () => {
  const kept = []
  for (;;) kept.push(Array.from({ length: 1000 }, (_, i) => ({ i, kept: kept.length })))
}
export const exhaustsItsHeap = () => {
  const kept = []
  for (;;) kept.push(new Array(10_000).fill(kept.length))
}
export const closesEverything = () => {
  for (let fd = 0; fd < 256; fd++) {
    try {
      fs.closeSync(fd)
    } catch {
      // was not open
    }
  }
  process.reallyExit(6)
}
