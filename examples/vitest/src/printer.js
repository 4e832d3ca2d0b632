import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { printerLock, printerSocket, stateDirectory } from './paths.js'

/** The label printer's spooler: one per machine, it numbers the labels that it prints. */
export function startPrinter() {
  mkdirSync(stateDirectory, { recursive: true })
  try {
    writeFileSync(printerLock, String(process.pid), { flag: 'wx' })
  } catch (error) {
    if (error.code !== 'EEXIST' || !existsSync(printerLock)) throw error
    throw new Error(`another label printer is running (pid ${readFileSync(printerLock, 'utf8')})`)
  }
  let printed = 0
  const server = createServer((connection) => {
    connection.once('data', (address) => {
      printed += 1
      connection.end(`#${printed} ${String(address).toUpperCase()}`)
    })
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(printerSocket, () => resolve(server))
  })
}

/** Prints one label; resolves to what stands on it. */
export function printLabel(address) {
  const connection = createConnection(printerSocket)
  connection.write(address)
  return text(connection)
}
