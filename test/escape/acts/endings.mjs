// @ts-check
/**
 * Acts that use up something, take processes along, or meddle with their own verdict; each has a sandbox for itself. Whatever they do, the
 * file gets the right verdict, in bounded time, and the host notices nothing.
 * @import { Ending } from '../types.js'
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { native } from '../perform.mjs'

const MiB = 2 ** 20
/** Far above what the sandbox has, and harmless on the host. */
const megabytes = 300
/** As much that a limit which is sampled is seen. */
const linger = () => sleep(500)

/** On the host it would do harm: whatever goes wrong with the sandbox, it must not run there. */
function onlyInside() {
  if (hostname() !== 'glovebox' || process.pid > 1000) throw new Error('only in a sandbox')
}

/** Past every guard of the runner, and without what is still to be sent. */
function exitAtOnce() {
  // @ts-expect-error: not documented
  process.reallyExit(0)
}

/** How many bytes were taken; the runner reads them when it can. @param {Buffer} chunk */
function print(chunk) {
  try {
    return writeSync(1, chunk)
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EAGAIN') return 0
    throw error
  }
}

/** @param {string} path */
function fill(path) {
  const name = `${path}-${process.pid}`
  try {
    const file = openSync(name, 'w')
    for (let i = 0; i < 64; i++) writeSync(file, Buffer.alloc(MiB, 'x'))
    closeSync(file)
  } finally {
    rmSync(name)
  }
}

/** @type {Ending[]} */
const exhaustion = [
  {
    name: 'the heap',
    act: async () => {
      const kept = []
      for (let i = 0; i < megabytes; i++) kept.push(new Array(MiB / 8).fill({ i }))
      await linger()
      return kept.length
    },
    verdict: ['memory-limit', 'crashed'],
  },
  {
    name: 'buffers',
    act: async () => {
      const kept = []
      for (let i = 0; i < megabytes; i++) kept.push(Buffer.alloc(MiB, 1))
      await linger()
      return kept.length
    },
    verdict: ['memory-limit'],
  },
  {
    name: 'the memory of a memfd',
    act: async ({ helper }) => {
      native(helper, 'memfd', megabytes)
      await linger()
    },
    verdict: ['memory-limit'],
    byCgroup: true,
  },
  { name: 'the disk, in /tmp', act: () => fill('/tmp/gbtest-file'), answer: /^ENOSPC/ },
  { name: 'the disk, in /dev/shm', act: () => fill('/dev/shm/gbtest-file'), answer: /^ENOSPC/ },
  { name: 'the disk, in the project', act: ({ project }) => fill(`${project}/large`), answer: /^ENOSPC/ },
  {
    name: 'inodes',
    act: () => {
      const directory = `/tmp/gbtest-many-${process.pid}`
      mkdirSync(directory)
      try {
        for (let i = 0; i < 20_000; i++) writeFileSync(`${directory}/${i}`, '')
      } finally {
        rmSync(directory, { recursive: true })
      }
    },
    answer: /^(ok|ENOSPC|ENOMEM)/,
    verdict: ['passed-through', 'memory-limit'],
  },
  {
    name: 'the page cache',
    act: ({ project }) => {
      for (let i = 0; i < 10; i++) writeFileSync(`${project}/again`, Buffer.alloc(20 * MiB, i))
    },
    answer: /^ok/,
  },
  {
    name: 'descriptors',
    act: () => {
      for (let i = 0; i < 2000; i++) openSync('/dev/null', 'r')
    },
    answer: /^EMFILE/,
  },
  {
    name: 'pipes, filled',
    act: () => {
      const script = `import os\nfor i in range(1000):\n  r, w = os.pipe()\n  os.set_blocking(w, False)\n  os.write(w, b'x' * 65536)`
      const { stderr } = spawnSync('python3', ['-c', script], { encoding: 'utf8' })
      if (stderr !== '') throw new Error(stderr.includes('Too many open files') ? 'EMFILE' : stderr)
    },
    answer: /^EMFILE|ENOENT/,
  },
  {
    name: 'the buffers of sockets',
    act: ({ helper }) => native(helper, 'sockets', 1000),
    control: ({ helper }) => native(helper, 'sockets', 10),
    answer: /^EMFILE|ENOENT/,
  },
  {
    name: 'keys',
    act: ({ helper }) => native(helper, 'keys', 100),
    control: ({ helper }) => native(helper, 'keys', 1),
    answer: /^EPERM/,
  },
  {
    name: 'inotify watches',
    act: ({ helper }) => native(helper, 'watches', 20_000),
    control: ({ helper }) => native(helper, 'watches', 10),
    answer: /^(ok|ENOSPC|ENOMEM)/,
    verdict: ['passed-through', 'memory-limit'],
  },
  {
    name: 'a gigabyte of output',
    act: () => {
      const chunk = Buffer.alloc(MiB, 'x\n')
      for (let i = 0; i < 1024; i++) for (let sent = 0; sent < MiB; ) sent += print(chunk.subarray(sent))
    },
    control: () => undefined,
    answer: /^ok/,
  },
  {
    name: 'processes',
    act: async () => {
      const children = Array.from({ length: 150 }, () => spawn('sleep', ['2'], { stdio: 'ignore' }))
      for (const child of children) child.on('error', () => {})
      await linger()
      if (children.some(({ pid }) => pid === undefined)) throw new Error('EAGAIN')
      for (const child of children) child.kill('SIGKILL')
    },
    verdict: ['pids-limit', 'passed-through', 'killed'],
    answer: /^EAGAIN/,
  },
  {
    name: 'threads',
    act: ({ helper }) => native(helper, 'threads', 200),
    verdict: ['pids-limit', 'passed-through', 'killed'],
    answer: /^EAGAIN/,
  },
  {
    name: 'inotify instances',
    act: ({ helper }) => native(helper, 'inotify', 1000),
    control: ({ helper }) => native(helper, 'inotify', 1),
    answer: /^EMFILE/,
  },
  {
    name: 'the stack',
    act: () => {
      /** @returns {number} */
      const deeper = () => 1 + deeper()
      deeper()
    },
    control: () => undefined,
    answer: /Maximum call stack/,
  },
  {
    name: 'the memory of the runner, with one message',
    act: (_, channel) => channel.send(Buffer.alloc(1024 * MiB, 1)),
    control: () => undefined,
    verdict: ['memory-limit', 'killed', 'crashed'],
  },
]

/** @type {Ending[]} */
const processes = [
  {
    name: 'a fork bomb',
    act: async () => {
      onlyInside()
      const bomb =
        'bomb() { if [ "$1" -gt 0 ]; then bomb $(($1 - 1)) & bomb $(($1 - 1)) & fi; sleep 2; }; bomb 7'
      spawn('sh', ['-c', bomb], { stdio: 'ignore' }).on('error', () => {})
      await linger()
    },
    verdict: ['pids-limit', 'passed-through'],
    apart: true,
    answer: /^ok/,
  },
  {
    name: 'SIGKILL for all processes',
    act: ({ helper }) => {
      onlyInside()
      native(helper, 'kill-all')
    },
    verdict: ['killed'],
    apart: true,
  },
  {
    name: 'SIGKILL for the init',
    act: () => {
      onlyInside()
      process.kill(1, 'SIGKILL')
    },
    answer: /^ok/,
    apart: true,
  },
  {
    name: 'the end of the init by a limit of its processor time',
    act: async ({ helper }) => {
      onlyInside()
      native(helper, 'end-by-limit', 1)
      for (let i = 0; i < 100; i++) process.kill(1, 'SIGCHLD')
      await sleep(1000)
    },
    verdict: ['killed', 'sandbox-error', 'passed-through'],
    answer: /^ok/,
    apart: true,
  },
  {
    name: 'a daemon that forked twice',
    act: () => {
      execFileSync('sh', ['-c', '(setsid sleep 1000 >/dev/null 2>&1 &)'])
    },
    answer: /^ok/,
    apart: true,
    leaks: /sleep 1000/,
  },
  {
    name: 'a storm of zombies',
    act: ({ helper }) => {
      for (let round = 0; round < 20; round++) native(helper, 'zombies', 40)
    },
    // The init may not have reaped the last ones yet.
    answer: /^(ok|EAGAIN)/,
    verdict: ['passed-through', 'pids-limit'],
  },
  {
    name: 'zombies',
    act: () => {
      execFileSync('sh', [
        '-c',
        'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do true & done; exec sleep 0.2',
      ])
    },
    answer: /^ok/,
  },
  {
    name: 'a process that stops itself',
    short: true,
    act: () => process.kill(process.pid, 'SIGSTOP'),
    control: () => undefined,
    verdict: ['timeout'],
  },
  {
    name: 'an endless loop, deaf to SIGTERM',
    short: true,
    act: () => {
      process.on('SIGTERM', () => {})
      for (;;);
    },
    control: () => undefined,
    verdict: ['timeout'],
  },
  {
    name: 'a process that does not end when it is done',
    act: () => {
      for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT', 'SIGHUP']))
        process.on(signal, () => {})
      setInterval(() => {}, 1000)
    },
    control: () => undefined,
    answer: /^ok/,
  },
]

/** @type {Ending[]} */
const verdicts = [
  { name: 'nothing at all', act: () => undefined, answer: /^ok/ },
  {
    name: 'exit code 0 without having finished',
    act: exitAtOnce,
    control: () => undefined,
    verdict: ['exited'],
  },
  {
    name: 'exit code 0 after a child took too much memory',
    act: async ({ helper }) => {
      try {
        native(helper, 'memfd', megabytes)
      } catch {}
      await linger()
      exitAtOnce()
    },
    control: () => undefined,
    verdict: ['memory-limit'],
    byCgroup: true,
  },
  {
    name: 'a channel closed early',
    act: async () => {
      closeSync(3)
      await linger()
      exitAtOnce()
    },
    control: () => undefined,
    verdict: ['exited', 'killed', 'crashed'],
  },
  {
    name: 'garbage on the channel',
    act: async () => {
      writeSync(3, Buffer.from(`${'\0'.repeat(100)}{"type":"passed"}`))
      await linger()
      exitAtOnce()
    },
    control: () => undefined,
    verdict: ['exited', 'killed', 'crashed', 'sandbox-error'],
  },
  {
    name: 'a message that announces four gigabytes',
    act: async () => {
      writeSync(3, Buffer.alloc(64, 0xff))
      await linger()
      exitAtOnce()
    },
    control: () => undefined,
    verdict: ['exited', 'killed', 'crashed', 'sandbox-error'],
  },
]

/** @type {Readonly<Record<string, readonly Ending[]>>} */
export const endings = { exhaustion, processes, verdicts }
