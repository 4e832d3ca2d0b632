// Workers of one template that are all there at once, with the Node.js that this runs on: what any two of these processes have in common, and how
// the workers end when they end together. Prints JSON.
//   node crowd.mjs WORKERS ROUNDS
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openSession } from '../../packages/core/dist/adapter.js'

const [count, rounds] = process.argv.slice(2).map(Number)
const here = fileURLToPath(new URL('.', import.meta.url))
const session = await openSession({
  options: { worker: 'fork', limits: { memory: '512MiB', timeout: '120s' }, onUnsupported: 'warn' },
  source: 'crowd',
  runner: 'vitest',
  root: here,
  maxWorkers: count,
  workerEntry: fileURLToPath(new URL('./entry.mjs', import.meta.url)),
  execArgv: [],
  env: { PATH: process.env.PATH },
  visible: [here, process.execPath],
  shared: [],
  persist: [],
})

async function begin() {
  const worker = await session.worker(
    await session.profile(fileURLToPath(new URL('./probes.mjs', import.meta.url))),
  )
  await new Promise((resolve) => {
    worker.onMessage(resolve)
    void worker.ended.then(resolve)
    worker.send({ probe: 'isForked' })
  })
  return worker
}

const parentOf = (pid) => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}

/** The template and its workers, prepared ones, too: all have its command line. */
function members() {
  return readdirSync('/proc').filter((pid) => {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('worker/template.js')) return false
      let ancestor = Number(pid)
      while (ancestor > 1 && ancestor !== process.pid) ancestor = parentOf(ancestor)
      return ancestor === process.pid
    } catch {
      return false
    }
  })
}

/** Open files that others can have as well, by names that are one for the whole machine; memory that is shared. */
function possessions(pid) {
  const found = []
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    try {
      const target = readlinkSync(`/proc/${pid}/fd/${fd}`)
      const [, id] = /eventfd-id:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')) ?? []
      if (/^(pipe|socket):/.test(target)) found.push(target)
      else if (target.startsWith('anon_inode:')) found.push(id === undefined ? undefined : `eventfd ${id}`)
      else if (target !== '/dev/null') found.push(`${target} at ${fd}`)
    } catch {
      // closed meanwhile
    }
  }
  for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
    const [, permissions, , device, inode, path = ''] = line.split(/\s+/)
    if (permissions?.[3] === 's') found.push(`memory ${device} ${inode} ${path}`)
    if (path.includes('io_uring')) found.push('io_uring')
  }
  return [...new Set(found.filter(Boolean))]
}

const ends = []
const common = new Set()
let seen = 0
let looked = 0
for (let round = 0; round < rounds; round++) {
  const workers = await Promise.all(Array.from({ length: count }, begin))
  const owners = new Map()
  const everybody = members()
  for (const pid of everybody) {
    try {
      for (const thing of possessions(pid)) owners.set(thing, [...(owners.get(thing) ?? []), pid])
    } catch {
      // a prepared worker that was given up
    }
  }
  for (const [thing, pids] of owners) if (pids.length > 1) common.add(`${thing} of ${pids.join(' ')}`)
  seen = Math.max(seen, everybody.length)
  looked += owners.size
  await Promise.all(workers.map((worker) => worker.finish('passed', 60_000)))
  for (const { ended } of workers) {
    const { cause, code, signal } = await ended
    ends.push(signal ?? (cause.kind === 'exit' ? code : cause.kind))
  }
}
console.log(JSON.stringify({ ends, common: [...common], processes: seen, looked }))
await session.close()
