// @ts-check
/**
 * Runs inside the virtual machine (and, for the sanitizers, on this one), as another tool would use the package: one sandbox after another, each with one limit. Writes
 * `scenario → outcome` as JSON to the file named in the first argument; further arguments choose scenarios.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSandbox } from '@glovebox/core'
import { profileWith } from '../api/programs/profile.mjs'

/** @import { GloveboxOptions, Limits, Sandbox } from '@glovebox/core' */

const MiB = 2 ** 20
const busy = 'i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done'

/** @type {Record<string, () => Promise<unknown>>} */
const scenarios = {
  measured: () => run(`${busy}; sleep 0.5 & sleep 0.5 & wait`),
  'memory of the command': () => run('exec tail /dev/zero', { memory: 16 * MiB }),
  'memory of a child': () => run('tail /dev/zero; sleep 20; echo survived', { memory: 16 * MiB }),
  'memory of files': () =>
    run('head -c 48M /dev/zero > /tmp/big; sleep 20; echo survived', { memory: 16 * MiB }),
  'memory to spare': () => run('head -c 4M /dev/zero > /tmp/small', { memory: 64 * MiB }),
  pids: () => run('for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 5 & done; exit 4', { pids: 6 }),
  timeout: () => run('sleep 60', { timeout: 300 }),
  'its own cgroup': () =>
    run(
      `cat /proc/self/cgroup /sys/fs/cgroup/memory.max
       for file in memory.max cgroup.procs; do (echo 1 > /sys/fs/cgroup/$file) 2>&1 | grep -o Read-only; done
       mkdir /sys/fs/cgroup/below 2>&1 | grep -o Read-only`,
      { memory: 64 * MiB },
    ),
  'told of its limits': () =>
    tell(
      { limits: { memory: '64MiB', cpus: 0.5 } },
      `head -c 8M /dev/zero > /tmp/held
       until [ $(sed -n 's/MemAvailable: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo) -lt 57344 ]; do sleep 0.05; done
       nproc; getconf _NPROCESSORS_ONLN; cat /proc/meminfo`,
    ),
  'quota of CPU time': () => run(busy, { cpus: 0.2 }),
  'weight of CPU time': () => run('exit 0', { cpuWeight: 50 }),
  cpuset: () => run('nproc', { cpuset: '0' }),
  'pressure of memory': () => run('cat /sys/fs/cgroup/memory.pressure'),
  'io of a disk': ioOfADisk,
  'io of a device that is not there': () => run('exit 0', { io: [{ device: '4095:77', readBps: MiB }] }),
  'clock set back': () => setClock(-86_400),
  'clock set forward': () => setClock(86_400),
  'pause and resume': pauseAndResume,
  'kill with orphans': killWithOrphans,
  'supervisor killed': () => killNative('supervisor', false),
  'supervisor killed while all is frozen': () => killNative('supervisor', true),
  'keeper killed': () => killNative('keeper', false),
  'keeper killed while all is frozen': () => killNative('keeper', true),
  'relay killed': () => killNative('relay', false),
}

const [target, ...chosen] = process.argv.slice(2)
if (!target) throw new Error('usage: guest.mjs FILE [SCENARIO...]')
const before = ownCgroup()
/** @type {Record<string, unknown>} */
const results = {}
for (const [name, scenario] of Object.entries(scenarios)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  console.error(name) // the last line says what hung
  results[name] = await scenario().catch((error) => ({
    error: error.code ?? 'unknown',
    message: error.message,
  }))
}
writeFileSync(target, JSON.stringify({ results, before, after: ownCgroup() }))

/**
 * @param {string} script
 * @param {Partial<Limits>} [limits]
 */
async function run(script, limits) {
  return using(limits, async (sandbox, notes) => {
    const child = await sandbox.run('sh', ['-c', script])
    const [stdout, ending] = await Promise.all([text(child.stdout), child.ended])
    return { ...notes, stdout, ending }
  })
}

/**
 * @template T
 * @param {Partial<Limits> | undefined} limits
 * @param {(sandbox: Sandbox, notes: { notices: string[], hits: string[] }) => Promise<T>} act
 */
async function using(limits, act) {
  /** @type {{ notices: string[], hits: string[] }} */
  const notes = { notices: [], hits: [] }
  const profile = profileWith(limits ? { limits } : {})
  const sandbox = await createSandbox(profile, { onNotice: (notice) => notes.notices.push(notice) })
  sandbox.onLimit((limit) => notes.hits.push(limit))
  try {
    return await act(sandbox, notes)
  } finally {
    await sandbox.destroy()
  }
}

/**
 * @param {GloveboxOptions} options
 * @param {string} script
 */
async function tell(options, script) {
  const sandbox = await createSandbox(options)
  try {
    const child = await sandbox.run('sh', ['-c', script])
    const [stdout, ending] = await Promise.all([text(child.stdout), child.ended])
    return { stdout, ending }
  } finally {
    await sandbox.destroy()
  }
}

/** What is written past the page cache to the disk that disk.sh has made, under a limit. */
async function ioOfADisk() {
  const device = process.env.GBTEST_DISK
  if (!device) return 'there is none'
  return tell(
    { limits: { io: [{ device, writeBps: '8MiB' }] }, filesystem: { writable: ['/mnt'] } },
    'cat /sys/fs/cgroup/io.max; dd if=/dev/zero of=/mnt/file bs=64k count=16 oflag=direct status=none',
  )
}

/** Lines seen while frozen, and whether lines came again afterwards. */
async function pauseAndResume() {
  return using(undefined, async (sandbox) => {
    const child = await sandbox.run('sh', ['-c', 'while :; do echo; sleep 0.02; done'])
    let lines = 0
    child.stdout?.on('data', (/** @type {Buffer} */ chunk) => {
      lines += chunk.length
    })
    await until(() => lines > 3)
    await sandbox.pause()
    await sleep(100) // what was on its way
    const frozen = lines
    await sleep(300)
    const whileFrozen = lines - frozen
    await sandbox.resume()
    await until(() => lines > frozen)
    sandbox.kill()
    const { cause } = await child.ended
    return { whileFrozen, cause }
  })
}

/**
 * The machine's clock jumps while one sandbox has time to spare, and another is to be ended by its time.
 * @param {number} seconds
 */
async function setClock(seconds) {
  if (process.getuid?.() !== 0) return 'only root may'
  if (!process.env.V2VM) return 'only where nobody else goes by it'
  const jump = sleep(300).then(() => {
    const before = Date.now()
    execFileSync('date', ['-s', `@${Math.round(before / 1000) + seconds}`])
    return Math.round((Date.now() - before) / 3600_000)
  })
  const [spared, ended, hours] = await Promise.all([
    run('sleep 1; echo done', { timeout: 60_000 }),
    run('sleep 60', { timeout: 1500 }),
    jump,
  ])
  return { hours, spared, ended: ended.ending.cause, wall: ended.ending.usage.wall }
}

async function killWithOrphans() {
  return using(undefined, async (sandbox) => {
    const child = await sandbox.run('sh', ['-c', '(setsid sleep 4711 &) ; (sleep 4711 &) ; sleep 4711'])
    await until(() => sleepers() === 3)
    await sandbox.pause()
    sandbox.kill('enough')
    const { cause, code, signal } = await child.ended
    return { left: sleepers(), cause, code, signal }
  })
}

/**
 * @param {'relay' | 'keeper' | 'supervisor'} victim
 * @param {boolean} frozen
 */
async function killNative(victim, frozen) {
  return using(undefined, async (sandbox) => {
    const child = await sandbox.run('sleep', ['4711'])
    await until(() => sleepers() === 1)
    if (frozen) await sandbox.pause()
    const [relay] = childrenOf(process.pid)
    const [keeper] = childrenOf(Number(relay))
    const [supervisor] = childrenOf(Number(keeper))
    process.kill(Number({ relay, keeper, supervisor }[victim]), 'SIGKILL')
    const { cause } = await child.ended
    await until(() => sleepers() === 0 && groups().length === 0)
    return { cause }
  })
}

function sleepers() {
  return commandLines().filter((line) => line === ['sleep', '4711', ''].join('\0')).length
}

function commandLines() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
      } catch {
        return '' // ended meanwhile
      }
    })
}

/** @param {number} pid */
function childrenOf(pid) {
  const list = execFileSync('ps', ['-o', 'pid=,comm=', '--ppid', String(pid)], { encoding: 'utf8' })
  return list
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.includes('glovebox'))
    .map((line) => line.split(' ')[0])
}

/** Where this process is, and what lies there; on a host with cgroup v1, where others' groups lie as well, nothing. */
function ownCgroup() {
  const path = ownPath()
  const controllers = path && readFileSync(`${path}/cgroup.subtree_control`, 'utf8').trim()
  return { path, controllers, groups: groups() }
}

/** Bases and leaves at or beside our own cgroup. */
function groups() {
  const base = ownPath()?.replace(/\/glovebox-runner$/, '')
  return base ? readdirSync(base).filter((name) => name.startsWith('glovebox')) : []
}

function ownPath() {
  if (!existsSync('/sys/fs/cgroup/cgroup.controllers')) return undefined
  const path = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? ''
  return `/sys/fs/cgroup${path}`
}

/** @param {() => boolean} condition */
async function until(condition) {
  for (let i = 0; i < 1000; i++) {
    if (condition()) return
    await sleep(20)
  }
  throw new Error(`never became true: ${condition}`)
}

/** @param {import('node:stream').Readable | undefined} stream */
async function text(stream) {
  let result = ''
  for await (const chunk of stream ?? []) result += chunk
  return result
}
