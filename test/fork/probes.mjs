// Each looks at one side of the process that it runs in. What it returns must be the same in a fresh and in a forked worker, so
// values that differ by their nature are reduced to whether they are right.
import { exec, execFile, fork, spawnSync } from 'node:child_process'
import crypto from 'node:crypto'
import { once } from 'node:events'
import fs from 'node:fs'
import http from 'node:http'
import { createRequire } from 'node:module'
import os from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import v8 from 'node:v8'
import vm from 'node:vm'
import { Worker } from 'node:worker_threads'

export * from './ends.mjs'

const require = createRequire(import.meta.url)
/** Polls until there is something; a worker that waits in vain meets its time limit. */
const until = async (look) => {
  for (let seen = look(); ; seen = look()) {
    if (seen) return seen
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
const echo = fileURLToPath(new URL('./echo-child.cjs', import.meta.url))

// ---- who it is

export const identity = () => ({
  pidIsOwn: process.pid === Number(fs.readlinkSync('/proc/self')),
  ppid: process.ppid,
  pidOfChildsParent: spawnSync('sh', ['-c', 'echo $PPID']).stdout.toString().trim() === String(process.pid),
  argv: process.argv,
  argv0: process.argv0,
  execArgv: process.execArgv,
  execPath: process.execPath,
  title: process.title,
  cwd: process.cwd(),
  umask: process.umask(),
  ids: [process.getuid(), process.geteuid(), process.getgid(), process.getegid()],
  sessionIsOwn: fs.readFileSync('/proc/self/stat', 'utf8').split(' ')[5] === String(process.pid),
})
export const environment = () => Object.entries(process.env).sort()
export const environmentOfChildren = () =>
  spawnSync('env')
    .stdout.toString()
    .split('\n')
    .filter((line) => line && !line.startsWith('_='))
    .sort()
export const privileges = () =>
  fs.readFileSync('/proc/self/status', 'utf8').match(/^(Cap\w+|NoNewPrivs|Seccomp):.*$/gm)
export const limits = () => fs.readFileSync('/proc/self/limits', 'utf8')
export const cgroup = () => fs.readFileSync('/proc/self/cgroup', 'utf8')
export const namespaces = () =>
  ['ipc', 'mnt', 'net', 'pid', 'user', 'uts', 'cgroup'].map((name) => {
    const of = (pid) => fs.readlinkSync(`/proc/${pid}/ns/${name}`)
    try {
      return [name, of('self') === of(1)]
    } catch (error) {
      return [name, error.code]
    }
  })
export const reportOfItself = () => {
  const { header } = process.report.getReport()
  return { pidIsOwn: header.processId === process.pid, cwd: header.cwd }
}

/** Not a probe to compare: which of the two this is. A fresh worker has its own command line. */
export const isForked = () => ({
  value: fs.readFileSync('/proc/self/cmdline', 'utf8').includes('template.js') ? 'forked' : 'fresh',
})

// ---- clocks

export const clocks = () => ({
  now: performance.now() < 10_000,
  origin: Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 50,
  json: Math.abs(performance.toJSON().timeOrigin - performance.timeOrigin) < 1,
  uptime: process.uptime() < 10,
  hrtime: process.hrtime.bigint() > 0n,
  mark: performance.mark('here').startTime <= performance.now(),
})
export const timers = async () => {
  const order = []
  const done = new Promise((resolve) => setTimeout(() => resolve(order.push('timeout')), 5))
  setImmediate(() => order.push('immediate'))
  process.nextTick(() => order.push('tick'))
  queueMicrotask(() => order.push('microtask'))
  await done
  return order
}

// ---- randomness: returned as it is; the test wants it different from worker to worker

export const random = () => ({
  math: Math.random(),
  mathInNewRealm: vm.runInNewContext('Math.random()'),
  uuid: crypto.randomUUID(),
  bytes: crypto.randomBytes(8).toString('hex'),
  values: [...crypto.getRandomValues(new Uint32Array(2))],
  int: crypto.randomInt(2 ** 40),
  web: globalThis.crypto.randomUUID(),
})
export const randomIsUniform = () => {
  const draws = Array.from({ length: 10_000 }, () => Math.random())
  const mean = draws.reduce((sum, draw) => sum + draw) / draws.length
  return {
    mean: Math.abs(mean - 0.5) < 0.03,
    range: draws.every((draw) => draw >= 0 && draw < 1),
    distinct: new Set(draws).size > 9_990,
  }
}

// ---- streams

const streamFacts = (stream) => ({
  type: stream.constructor.name,
  kind: stream._type,
  isTTY: stream.isTTY,
  columns: stream.columns,
  fd: stream.fd,
})
export const standardStreams = () => ({
  stdin: streamFacts(process.stdin),
  stdout: streamFacts(process.stdout),
  stderr: streamFacts(process.stderr),
})
export const standardInput = async () => {
  let text = ''
  for await (const chunk of process.stdin) text += chunk
  return text
}
export const descriptors = () =>
  [0, 1, 2, 3].map((fd) => [
    fs.readlinkSync(`/proc/self/fd/${fd}`).replace(/\d+/, 'N'),
    // Closed in what it executes.
    /^flags:.*2\d{6}$/m.test(fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')),
  ])
export const output = async () => {
  process.stdout.write('to stdout\n')
  process.stderr.write('to stderr\n')
  console.log('logged')
  process.emitWarning('careful', 'TestWarning')
  await new Promise((resolve) => setTimeout(resolve, 20))
  return null
}

// ---- the state of the runtime

export const listeners = () =>
  process
    .eventNames()
    .map((name) => [String(name), process.listenerCount(name)])
    .sort()
export const globals = () => Reflect.ownKeys(globalThis).map(String).sort()
export const properties = () => ({
  exitCode: process.exitCode,
  promiseHandlers: process.listenerCount('unhandledRejection'),
  random: Object.getOwnPropertyNames(Math).sort(),
  performance: Object.prototype.toString.call(performance),
  nowIsWritable: Object.getOwnPropertyDescriptor(performance, 'now')?.writable ?? true,
})
export const requireCache = () => Object.keys(require.cache)
export const activeResources = () => process.getActiveResourcesInfo().sort()
export const heap = () => ({
  limit: v8.getHeapStatistics().heap_size_limit,
  usage: Object.values(process.memoryUsage()).every((value) => value >= 0),
  rss: process.memoryUsage.rss() > 1e6,
  resources: process.resourceUsage().maxRSS > 1000,
})
export const host = () => ({ hostname: os.hostname(), homedir: os.homedir(), tmpdir: os.tmpdir() })

// ---- what Node.js can do

export const asyncFiles = async () => {
  const path = join(os.tmpdir(), 'file')
  await fs.promises.writeFile(path, 'content')
  const content = await fs.promises.readFile(path, 'utf8')
  await fs.promises.unlink(path)
  return content
}
export const threadPool = async () => {
  const zipped = await promisify(require('node:zlib').gzip)(Buffer.alloc(100_000))
  const key = await promisify(crypto.pbkdf2)('a', 'b', 1000, 16, 'sha256')
  const { address } = await require('node:dns').promises.lookup('localhost', { family: 4 })
  return [zipped.length, key.toString('hex'), address]
}
export const server = async () => {
  const listening = http.createServer((_, response) => response.end('hello')).listen(3000, '127.0.0.1')
  await once(listening, 'listening')
  const answer = await (await fetch('http://127.0.0.1:3000')).text()
  listening.close()
  listening.closeAllConnections()
  return answer
}
export const datagrams = async () => {
  const socket = require('node:dgram').createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  socket.send('ping', socket.address().port, '127.0.0.1')
  const [message] = await once(socket, 'message')
  socket.close()
  return message.toString()
}
export const childProcesses = async () => {
  const { stdout } = await promisify(exec)('echo out; exit 0')
  const failed = await promisify(execFile)('sh', ['-c', 'exit 3']).catch((error) => error.code)
  const killed = await promisify(execFile)('sh', ['-c', 'kill -9 $$']).catch((error) => error.signal)
  return [stdout, failed, killed]
}
// Both listeners at once: the last message may come together with the exit.
const messageAndCode = async (child) => {
  const [[message], [code]] = await Promise.all([once(child, 'message'), once(child, 'exit')])
  return { message, code }
}
export const forkedChild = async () => {
  const child = fork(echo, ['one'])
  child.send({ hello: 1 })
  return messageAndCode(child)
}
export const clusterWorker = async () => {
  const cluster = require('node:cluster')
  cluster.setupPrimary({ exec: echo, args: ['two'] })
  const worker = cluster.fork()
  worker.send({ hello: 2 })
  return messageAndCode(worker)
}
export const workerThread = async () => {
  const source =
    'const { parentPort, workerData } = require("node:worker_threads"); parentPort.postMessage(workerData + 1)'
  const worker = new Worker(source, { eval: true, workerData: 1 })
  const ended = await messageAndCode(worker)
  const terminated = new Worker('setInterval(() => {}, 1000)', { eval: true })
  await once(terminated, 'online')
  return { ...ended, terminated: await terminated.terminate() }
}
export const webAssembly = async () => {
  // (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))
  const bytes = Buffer.from(
    '0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b',
    'hex',
  )
  const { instance } = await WebAssembly.instantiate(bytes)
  return instance.exports.add(2, 3)
}
export const inspectorSession = async () => {
  const { Session } = require('node:inspector/promises')
  const session = new Session()
  session.connect()
  const { result } = await session.post('Runtime.evaluate', { expression: '1 + 1' })
  await session.post('Profiler.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  const coverage = await session.post('Profiler.takePreciseCoverage')
  session.disconnect()
  return { value: result.value, covered: coverage.result.length > 0 }
}
export const asyncLocalStorage = async () => {
  const { AsyncLocalStorage } = require('node:async_hooks')
  const storage = new AsyncLocalStorage()
  return storage.run('kept', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1))
    return storage.getStore()
  })
}
export const garbage = async () => {
  v8.setFlagsFromString('--expose-gc')
  const collect = vm.runInNewContext('gc')
  let finalized = 0
  const registry = new FinalizationRegistry(() => finalized++)
  for (let i = 0; i < 100; i++) registry.register({ i }, i)
  for (let i = 0; i < 20 && finalized === 0; i++) {
    collect()
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return finalized > 0
}
export const watching = async () => {
  const directory = fs.mkdtempSync(join(os.tmpdir(), 'watch-'))
  const watcher = fs.watch(directory)
  setTimeout(() => fs.writeFileSync(join(directory, 'a'), ''), 10)
  const [event, name] = await once(watcher, 'change')
  watcher.close()
  return [event, name]
}
export const signals = async () => {
  const received = once(process, 'SIGUSR2')
  process.kill(process.pid, 'SIGUSR2')
  return (await received)[0]
}
export const channels = () => {
  const { channel } = require('node:diagnostics_channel')
  const seen = []
  channel('probe').subscribe((message) => seen.push(message))
  channel('probe').publish('published')
  return seen
}
export const dynamicImports = async () => {
  const data = await import('data:text/javascript,export default 42')
  return [
    data.default,
    typeof (await import('node:assert/strict')).equal,
    import.meta.url.endsWith('probes.mjs'),
  ]
}
export const structuredMessages = (argument) => argument
export const traceEvents = async () => {
  process.chdir(os.tmpdir())
  const tracing = require('node:trace_events').createTracing({ categories: ['node.perf', 'v8'] })
  tracing.enable()
  performance.mark('traced')
  const files = await until(() => {
    const found = fs.readdirSync('.').filter((name) => name.startsWith('node_trace'))
    return found.length > 0 ? found : undefined
  })
  tracing.disable()
  return { enabled: tracing.enabled, files }
}
export const eventLoop = async () => {
  const { monitorEventLoopDelay, PerformanceObserver } = require('node:perf_hooks')
  const histogram = monitorEventLoopDelay({ resolution: 1 })
  histogram.enable()
  const entries = []
  const observer = new PerformanceObserver((list) => entries.push(...list.getEntries()))
  observer.observe({ type: 'mark' })
  performance.mark('observed')
  const delays = await until(() => histogram.count > 0 && entries.length > 0)
  histogram.disable()
  observer.disconnect()
  const { utilization } = performance.eventLoopUtilization()
  return {
    delays,
    names: entries.map(({ name }) => name),
    utilization: utilization >= 0 && utilization <= 1,
  }
}
export const sharedMemory = async () => {
  const shared = new Int32Array(new SharedArrayBuffer(8))
  const source = `
    const { workerData, parentPort } = require('node:worker_threads')
    parentPort.postMessage(Atomics.wait(workerData, 0, 0))`
  const worker = new Worker(source, { eval: true, workerData: shared })
  const answer = once(worker, 'message')
  await once(worker, 'online')
  const waking = setInterval(() => Atomics.notify(shared, 0), 5)
  const [woken] = await answer
  clearInterval(waking)
  await worker.terminate()
  return woken
}
export const messageChannels = async () => {
  const { port1, port2 } = new MessageChannel()
  const received = once(port2, 'message')
  port1.postMessage({ sent: new Uint8Array([1, 2]) })
  const [{ sent }] = await received
  port1.close()
  return [...sent]
}
export const heapSnapshot = async () => {
  let size = 0
  for await (const chunk of v8.getHeapSnapshot()) size += chunk.length
  return size > 1000
}
export const keys = async () => {
  const { publicKey, privateKey } = await promisify(crypto.generateKeyPair)('ed25519')
  const signature = crypto.sign(null, Buffer.from('text'), privateKey)
  const digest = await crypto.subtle.digest('SHA-256', Buffer.from('text'))
  return [crypto.verify(null, Buffer.from('text'), publicKey, signature), Buffer.from(digest).toString('hex')]
}
export const errors = () => ({
  limit: Error.stackTraceLimit,
  prepare: typeof Error.prepareStackTrace,
  capture: process.hasUncaughtExceptionCaptureCallback(),
  sourceMaps: process.sourceMapsEnabled ?? false,
  domain: process.domain ?? null,
})
export const runtime = () => ({
  versions: process.versions,
  features: process.features,
  release: process.release.name,
  priority: os.getPriority(),
  builtins: require('node:module').builtinModules.length,
  locale: Intl.DateTimeFormat().resolvedOptions().locale,
  zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
})
export const moduleCache = async () => {
  const path = join(os.tmpdir(), 'counted.mjs')
  fs.writeFileSync(path, 'globalThis.loads = (globalThis.loads ?? 0) + 1; export default globalThis.loads')
  const first = await import(path)
  return [first === (await import(path)), first.default, globalThis.loads]
}
export const descriptorsOfChildren = () =>
  spawnSync('sh', ['-c', 'for fd in /proc/self/fd/*; do readlink $fd; done'])
    .stdout.toString()
    .split('\n')
    .map((line) => line.replace(/\d+/g, 'N'))
    .sort()
export const manyDescriptors = () => {
  const opened = []
  try {
    for (;;) opened.push(fs.openSync('/dev/null'))
  } catch (error) {
    for (const fd of opened) fs.closeSync(fd)
    const again = fs.openSync('/dev/null')
    fs.closeSync(again)
    return { code: error.code, many: opened.length > 100 }
  }
}
export const busy = () => {
  let sum = 0
  for (let i = 0; i < 3e7; i++) sum = (sum + i) % 1000003
  const kept = Array.from({ length: 2e5 }, (_, i) => ({ i, text: `n${i}` }))
  return [sum, kept.length, JSON.stringify(kept).length]
}
