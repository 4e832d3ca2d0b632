// @ts-check
/** Other processes: signalled, traced, read, scheduled. */
/** @import { Act, Targets } from '../types.js' */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { native } from '../perform.mjs'

/** @param {(targets: Targets) => (string | number)[]} words */
const helper = (words) => (/** @type {Targets} */ targets) => native(targets.helper, ...words(targets))

/**
 * Acts of act.c on a process: what they do to the bystander on the host, they can do neither to it, which has no number in the
 * sandbox, nor to the sandbox's own init.
 * @type {[what: string, words: (targets: Targets, pid: number) => (string | number)[], onInit: RegExp | undefined][]}
 */
const onProcesses = [
  ['trace', (_, pid) => ['trace', pid], /^EPERM/],
  ['read the memory of', ({ address }, pid) => ['read-memory', pid, address], /^EPERM/],
  ['write the memory of', ({ address }, pid) => ['write-memory', pid, address], /^EPERM/],
  ['take a descriptor of', (_, pid) => ['pidfd-getfd', pid], /^EPERM/],
  ['get a handle on', (_, pid) => ['pidfd', pid], undefined],
  ['change the limits of', (_, pid) => ['prlimit', pid], undefined],
  ['change the priority of', (_, pid) => ['renice', pid], undefined],
  ['choose the processors of', (_, pid) => ['affinity', pid], undefined],
  ['move the pages of', (_, pid) => ['move-pages', pid], undefined],
  ['read the robust futexes of', (_, pid) => ['robust-list', pid], undefined],
]

/** @type {Act[]} */
export const processes = [
  ...onProcesses.map(([what, words]) => ({
    name: `${what} a process of the host`,
    act: helper((targets) => words(targets, targets.bystander)),
    refused: /^ESRCH/,
  })),
  ...onProcesses.flatMap(([what, words, refused]) =>
    refused === undefined
      ? []
      : [
          {
            name: `${what} the init of the sandbox`,
            act: helper((targets) => words(targets, 1)),
            control: helper((targets) => words(targets, targets.bystander)),
            refused,
          },
        ],
  ),
  {
    name: 'signal the runner',
    act: ({ runner }) => process.kill(runner, 0),
    refused: /^ESRCH/,
  },
  {
    name: 'signal its group of processes',
    act: ({ runner }) => process.kill(-runner, 0),
    control: ({ bystander }) => process.kill(-bystander, 0),
    refused: /^ESRCH/,
  },
  {
    name: 'find the runner by guessing its number',
    act: ({ bystander }) => {
      for (let pid = 2; pid <= 4_194_304; pid = pid === 2 ** 15 ? bystander : pid + 1) {
        if (pid === bystander && isThere(pid)) return
        if (pid === bystander) throw new Error('nobody there')
        isThere(pid)
      }
    },
    refused: /^nobody there/,
  },
  {
    name: 'find the name of a process of the host in /proc',
    act: ({ helper }) => {
      const names = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
      if (!names.some((pid) => isCalled(pid, helper, 'bystander'))) throw new Error('not among them')
    },
    refused: /^not among them/,
  },
  {
    name: 'read the environment of a process of the host',
    act: ({ bystander }) => readFileSync(`/proc/${bystander}/environ`),
    refused: /^ENOENT/,
  },
  {
    name: 'read the environment of the init',
    act: () => readFileSync('/proc/1/environ'),
    control: ({ bystander }) => readFileSync(`/proc/${bystander}/environ`),
    refused: /^EACCES|^EPERM/,
  },
  {
    name: 'open the memory of the init',
    act: () => writeFileSync('/proc/1/mem', '', { flag: 'r+' }),
    control: ({ bystander }) => writeFileSync(`/proc/${bystander}/mem`, '', { flag: 'r+' }),
    refused: /^EACCES|^EPERM/,
  },
  {
    name: 'exempt itself from the OOM killer',
    act: () => {
      const before = readFileSync('/proc/self/oom_score_adj', 'utf8')
      writeFileSync('/proc/self/oom_score_adj', '-1000')
      writeFileSync('/proc/self/oom_score_adj', before)
    },
    control: () =>
      writeFileSync('/proc/self/oom_score_adj', readFileSync('/proc/self/oom_score_adj', 'utf8')),
    refused: /^EACCES/,
  },
  {
    name: 'raise its priority',
    act: helper(() => ['nice']),
    refused: /^EACCES|^EPERM/,
    controlledBy: 'root',
  },
  { name: 'run in real time', act: helper(() => ['real-time']), refused: /^EPERM/, controlledBy: 'root' },
  { name: 'attach shared memory of the host', act: helper(({ key }) => ['shm', key]), refused: /^ENOENT/ },
  { name: 'use a semaphore of the host', act: helper(({ key }) => ['sem', key]), refused: /^ENOENT/ },
  { name: 'use a message queue of the host', act: helper(({ key }) => ['msg', key]), refused: /^ENOENT/ },
  { name: 'use a POSIX queue of the host', act: helper(({ queue }) => ['mq', queue]), refused: /^ENOENT/ },
]

/** @param {number} pid */
function isThere(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/**
 * @param {string} pid
 * @param {...string} words
 */
function isCalled(pid, ...words) {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return words.every((word, index) => command[index] === word)
  } catch {
    return false
  }
}
