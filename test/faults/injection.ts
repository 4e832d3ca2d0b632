/**
 * Makes chosen system calls of the supervisor's processes fail, through `strace --inject`: no special build, so what is tried is what ships.
 * The n-th call of a kind fails in each process (relay, supervisor, init, worker until it executes) that gets so far.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endProcesses, leftoversLater, type Snapshot, snapshot } from '../harness/leftovers.js'
import { SupervisorDriver } from '../native/supervisor-driver.js'
import type { Frame } from '../native/supervisor-frames.js'

export interface Fault {
  call: string
  /** From 1. */
  nth: number
  errno: string
}

/** What can fail on a real host, and with what: the kinds of system calls in question, others being without effect or infallible. */
const errnos: Readonly<Record<string, readonly string[]>> = {
  clone: ['EAGAIN', 'ENOMEM'],
  clone3: ['ENOSYS', 'ENOSPC', 'EPERM'],
  vfork: ['EAGAIN', 'ENOMEM'],
  unshare: ['EPERM', 'ENOSPC'],
  setns: ['EPERM'],
  mmap: ['ENOMEM'],
  open: ['EMFILE', 'ENFILE', 'EACCES'],
  openat: ['EMFILE', 'EACCES'],
  openat2: ['EMFILE', 'EXDEV'],
  open_tree: ['EPERM', 'EMFILE'],
  move_mount: ['EINVAL', 'ELOOP'],
  fsopen: ['EPERM', 'EMFILE'],
  fsconfig: ['EINVAL', 'ENOMEM'],
  fsmount: ['EPERM', 'ENOMEM'],
  mount_setattr: ['EPERM', 'EINVAL'],
  mount: ['EPERM', 'EACCES'],
  umount2: ['EBUSY'],
  pivot_root: ['EBUSY'],
  mkdir: ['ENOSPC', 'EROFS'],
  mkdirat: ['ENOSPC', 'EACCES'],
  mknodat: ['ENOSPC', 'EPERM'],
  symlinkat: ['ENOSPC'],
  write: ['ENOSPC', 'EACCES', 'EBUSY'],
  read: ['EIO'],
  fstat: ['ENOMEM'],
  newfstatat: ['ENOMEM'],
  fstatfs: ['EIO'],
  getdents64: ['EIO'],
  readlinkat: ['EIO'],
  socket: ['EMFILE', 'ENOBUFS'],
  socketpair: ['EMFILE'],
  connect: ['ECONNREFUSED', 'EAGAIN'],
  sendto: ['ENOBUFS'],
  sendmsg: ['ENOBUFS', 'ETOOMANYREFS'],
  recvmsg: ['ENOMEM'],
  ioctl: ['EPERM'],
  pipe2: ['EMFILE'],
  eventfd2: ['EMFILE'],
  memfd_create: ['EMFILE', 'ENOMEM'],
  pidfd_open: ['EMFILE', 'ENOMEM'],
  ppoll: ['EINTR', 'ENOMEM'],
  fchdir: ['EACCES'],
  chdir: ['ENOENT'],
  sethostname: ['EPERM'],
  setsid: ['EPERM'],
  prlimit64: ['EPERM'],
  setrlimit: ['EPERM'],
  prctl: ['EPERM', 'EINVAL'],
  capset: ['EPERM'],
  dup2: ['EMFILE'],
  fcntl: ['EMFILE'],
  close_range: ['ENOSYS'],
  flock: ['EAGAIN', 'ENOLCK'],
  rmdir: ['EBUSY'],
  unlinkat: ['EBUSY', 'EIO'],
}

/** All faults of one life of a sandbox: each call of each kind that any of the processes makes, with each errno. */
export async function faultsOfOneLife(): Promise<Fault[]> {
  const directory = mkdtempSync(join(tmpdir(), 'gbtest-'))
  const log = join(directory, 'log')
  try {
    await live(['-o', log])
    const counts = new Map<string, number>()
    for (const [, , call = ''] of readFileSync(log, 'utf8').matchAll(/^(\d+) +(\w+)\(/gm)) counts.set(call, 0)
    const perProcess = new Map<string, number>()
    for (const [, pid = '', call = ''] of readFileSync(log, 'utf8').matchAll(/^(\d+) +(\w+)\(/gm)) {
      const key = `${pid} ${call}`
      perProcess.set(key, (perProcess.get(key) ?? 0) + 1)
      counts.set(call, Math.max(counts.get(call) ?? 0, perProcess.get(key) ?? 0))
    }
    return Object.entries(errnos).flatMap(([call, names]) =>
      Array.from({ length: counts.get(call) ?? 0 }, (_, index) =>
        names.map((errno) => ({ call, nth: index + 1, errno })),
      ).flat(),
    )
  } finally {
    rmSync(directory, { recursive: true })
  }
}

export interface Life {
  /** Type of the answer to each request of one life; requests after the first error are not made. */
  steps: Record<string, Frame>
  left: string[]
}

/** hello, create, start, exit event, destroy, and the end, under strace with these arguments. */
export async function live(options: readonly string[]): Promise<Life> {
  const marker = randomUUID()
  const before: Snapshot = snapshot()
  const through = ['env', `GLOVEBOX_TEST_RUN=${marker}`, 'strace', '-f', '-qqq', ...options]
  const driver = await limited('hello', SupervisorDriver.launch('root', 'plain', through)).catch((error) => {
    endProcesses(marker)
    throw error
  })
  const steps: Record<string, Frame> = { hello: driver.hello as Frame }
  try {
    await step(steps, 'create', () => driver.create('s'))
    await step(steps, 'start', () => driver.start('s', ['/bin/true']))
    await step(steps, 'exit', () => driver.event('s').catch(() => goneFrame))
    if (steps.create?.type === 'reply' && !Object.values(steps).some(isGone))
      steps.destroy = await limited('destroy', driver.request('destroy', [['sandbox', 's']]))
  } finally {
    await limited('the end', driver.close()).catch(() => endProcesses(marker))
  }
  // Core made the run directory, and removes it where nobody else has heard of it.
  if (steps.hello?.type !== 'reply') rmSync(driver.runDir, { recursive: true, force: true })
  const left = async () => {
    const lines = await leftoversLater(before, marker)
    return lines.filter((line) => !line.startsWith('directory ') || line === `directory ${driver.runDir}`)
  }
  const first = await left()
  if (first.some((line) => !/^(cgroup|directory) /.test(line))) return { steps, left: first }
  if (first.length > 0) await sweep(driver.runDir)
  return { steps, left: await left() }
}

/** What could not be removed for want of a descriptor goes with a later start, once it is some time old. */
async function sweep(runDir: string): Promise<void> {
  const old = Date.now() / 1000 - 60
  if (existsSync(runDir)) utimesSync(runDir, old, old)
  await using _ = await SupervisorDriver.launch('root')
}

const goneFrame: Frame = { type: 'gone', records: [], get: () => undefined }
const isGone = (frame: Frame) => frame.type === 'gone'

/** Only as long as all went well. */
async function step(steps: Record<string, Frame>, name: string, take: () => Promise<Frame>): Promise<void> {
  if (Object.values(steps).some(({ type }) => type === 'error' || type === 'gone')) return
  steps[name] = await limited(name, take())
}

async function limited<T>(name: string, promise: Promise<T>): Promise<T> {
  let clock: NodeJS.Timeout | undefined
  const hang = new Promise<never>((_, reject) => {
    clock = setTimeout(() => reject(new Error(`${name} hung`)), 60_000)
  })
  try {
    return await Promise.race([promise, hang])
  } finally {
    clearTimeout(clock)
  }
}
