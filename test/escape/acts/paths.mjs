// @ts-check
/** Paths: around the sandbox's root, into the kernel's files, past nosuid and nodev. */
/** @import { Act, Targets } from '../types.js' */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { native } from '../perform.mjs'

/** Writable for the host's root; opened, never written. */
const settings = [
  '/proc/sys/kernel/core_pattern',
  '/proc/sys/kernel/modprobe',
  '/proc/sys/kernel/hostname',
  '/proc/sys/vm/drop_caches',
  '/proc/sys/fs/file-max',
  '/proc/sys/net/ipv4/ip_forward',
  '/proc/sysrq-trigger',
  '/sys/kernel/mm/transparent_hugepage/enabled',
]
/** What tells root of the whole machine. */
const memory = ['/proc/kcore', '/proc/keys', '/proc/kmsg', '/dev/kmsg', '/dev/mem']
/** Covered, where the kernel has them: a file that permits nothing to anybody. */
const covered = ['kcore', 'keys', 'timer_list', 'sched_debug', 'latency_stats', 'kmsg']
const system = ['/etc/passwd', '/etc/ld.so.preload', '/usr/bin/env', process.execPath]

/** @type {Act[]} */
export const paths = [
  ...settings.map((path) => ({
    name: `write ${path}`,
    act: () => closeSync(openSync(path, constants.O_WRONLY)),
    refused: /^(EROFS|EACCES|ENOENT)/,
    missing: /^ENOENT/,
    controlledBy: /** @type {const} */ ('root'),
  })),
  ...memory.map((path) => ({
    name: `read ${path}`,
    act: () => {
      const file = openSync(path, 'r')
      closeSync(file)
      // What is covered is a file without content.
      if (statSync(path).isFile() && readFileSync(path).length === 0) throw new Error('nothing in it')
    },
    control: () => closeSync(openSync(path, 'r')),
    refused: /^(ENOENT|EACCES|EPERM|nothing in it)/,
    missing: /^(ENOENT|ENXIO|EPERM)/,
    controlledBy: /** @type {const} */ ('root'),
  })),
  {
    name: 'see more than the covers of what /proc tells of the kernel',
    act: () => {
      const modes = covered.map((name) => statSync(`/proc/${name}`, { throwIfNoEntry: false })?.mode ?? 0)
      if (modes.every((mode) => (mode & 0o777) === 0)) throw new Error('nothing but covers')
    },
    refused: /^nothing but covers/,
  },
  ...system.map((path) => ({
    name: `write ${path}`,
    act: () => accessSync(existing(path), constants.W_OK),
    refused: /^(EROFS|EACCES)/,
    controlledBy: /** @type {const} */ ('root'),
  })),
  {
    name: 'write any file of /proc that is not a process, or of /sys',
    act: () => {
      const found = [...writable('/proc', 4), ...writable('/sys', 4)]
      if (found.length === 0) throw new Error('none can be written')
    },
    refused: /^none can be written/,
    controlledBy: 'root',
  },
  {
    name: 'look at the tables of the firmware',
    act: () => {
      if (readdirSync('/sys/firmware').length === 0) throw new Error('nothing in it')
    },
    refused: /^(nothing in it|ENOENT)/,
    missing: /^ENOENT/,
  },
  ...['/', '/proc/sys', '/usr'].map((path) => ({
    name: `make ${path} writable again by mounting it anew`,
    act: (/** @type {Targets} */ { helper }) => native(helper, 'remount', path),
    control: (/** @type {Targets} */ { helper }) => native(helper, 'own-mounts', '/mnt', 'remount'),
    refused: /^EPERM$/,
    controlledBy: /** @type {const} */ ('root'),
  })),
  ...['/proc/kcore', '/proc/sys', '/tmp', '/proc'].map((path) => ({
    name: `uncover what lies below ${path}`,
    act: (/** @type {Targets} */ { helper }) => native(helper, 'umount', path),
    control: (/** @type {Targets} */ { helper }) => native(helper, 'own-mounts', '/mnt', 'umount'),
    refused: /^EPERM$/,
    controlledBy: /** @type {const} */ ('root'),
  })),
  {
    name: 'read a file through the root directory of another process',
    act: ({ secret }) => readFileSync(`/proc/1/root${secret}`),
    control: ({ bystander, secret }) => readFileSync(`/proc/${bystander}/root${secret}`),
    refused: /^(EACCES|ENOENT)/,
  },
  {
    name: 'find a directory of the host among those that processes are in',
    act: ({ secret }) => {
      const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
      if (!pids.some((pid) => canRead(`/proc/${pid}/cwd/${basename(secret)}`))) throw new Error('nowhere')
    },
    refused: /^nowhere/,
  },
  {
    name: 'find a file of the host among open ones',
    act: ({ content }) => {
      const found = readdirSync('/proc/self/fd').some((fd) => reads(`/proc/self/fd/${fd}`, content))
      if (!found) throw new Error('none')
    },
    control: ({ secret, content }) => {
      const fd = openSync(secret, 'r')
      if (!reads(`/proc/self/fd/${fd}`, content)) throw new Error('none')
      closeSync(fd)
    },
    refused: /^none/,
  },
  {
    name: 'go up from an inherited directory',
    act: ({ helper, secret }) => {
      const directories = readdirSync('/proc/self/fd').filter((fd) => isDirectory(`/proc/self/fd/${fd}`))
      const found = directories.some((fd) => succeeds(() => native(helper, 'sibling', fd, secret.slice(1))))
      if (!found) throw new Error('nowhere')
    },
    control: ({ helper, secret }) => {
      const above = openSync(join(dirname(secret), 'below'), 'r')
      const outcome = spawnSync(helper, ['sibling', '3', basename(secret)], {
        stdio: ['ignore', 'pipe', 'ignore', above],
      })
      if (String(outcome.stdout).trim() !== 'ok') throw new Error(String(outcome.stdout))
    },
    refused: /^nowhere/,
  },
  {
    name: 'go up from its working directory, one step at a time',
    act: ({ secret }) => {
      const before = process.cwd()
      try {
        for (let step = 0; step < 64; step++) process.chdir('..')
        readFileSync(secret.slice(1))
      } finally {
        process.chdir(before)
      }
    },
    refused: /^ENOENT/,
  },
  {
    name: 'read a file of the host by its path, with .. or without',
    act: ({ secret }) => {
      const up = '../'.repeat(40)
      if (![secret, join(up, secret), `/proc/self/cwd/${up}${secret}`].some(canRead))
        throw new Error('nowhere')
    },
    refused: /^nowhere/,
  },
  {
    name: 'see the run directory of the supervisor',
    act: ({ runDirectories }) => {
      const found = [runDirectories, '/tmp', '/var/tmp'].some((directory) =>
        list(directory).some((name) => /^glovebox-/.test(name)),
      )
      if (!found) throw new Error('nowhere')
    },
    refused: /^nowhere/,
  },
  {
    name: 'replace the executable of the init',
    act: () => closeSync(openSync('/proc/1/exe', 'r+')),
    control: () => {
      try {
        closeSync(openSync('/proc/self/exe', 'r+'))
      } catch (error) {
        // The way is free, only the file is in use.
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ETXTBSY') throw error
      }
    },
    refused: /^(EACCES|EROFS)/,
    controlledBy: 'root',
  },
  {
    name: 'replace its own executable through /proc',
    act: () => accessSync('/proc/self/exe', constants.W_OK),
    refused: /^(EACCES|EROFS)/,
    controlledBy: 'root',
  },
  {
    name: 'follow a symbolic link out of the sandbox',
    act: ({ secret, project }) => {
      const link = join(project, `link-${process.pid}`)
      symlinkSync(secret, link)
      try {
        readFileSync(link)
      } finally {
        rmSync(link)
      }
    },
    refused: /^ENOENT/,
  },
  {
    name: 'move a directory out of its file system',
    act: ({ project, outside }) => {
      const here = join(project, `file-${process.pid}`)
      writeFileSync(here, '')
      try {
        renameSync(here, join(outside, basename(here)))
        rmSync(join(outside, basename(here)))
      } finally {
        rmSync(here, { force: true })
      }
    },
    control: ({ outside }) => {
      const here = join(outside, `from-${process.pid}`)
      writeFileSync(here, '')
      renameSync(here, join(outside, `to-${process.pid}`))
      rmSync(join(outside, `to-${process.pid}`))
    },
    refused: /^(EXDEV|EROFS)/,
  },
  {
    name: 'link a file of the host to where it can be written',
    act: ({ outside, project }) => {
      const link = join(project, `hard-${process.pid}`)
      linkSync(join(outside, 'file'), link)
      rmSync(link)
    },
    control: ({ outside }) => {
      const link = join(outside, `hard-${process.pid}`)
      linkSync(join(outside, 'file'), link)
      rmSync(link)
    },
    refused: /^EXDEV/,
  },
  {
    name: 'write a file outside of the project',
    act: ({ outside }) => {
      writeFileSync(join(outside, `made-${process.pid}`), '')
      rmSync(join(outside, `made-${process.pid}`))
    },
    refused: /^EROFS/,
  },
  {
    name: 'make a device node',
    act: ({ project }) => {
      const path = join(project, `node-${process.pid}`)
      execFileSync('mknod', [path, 'c', '1', '3'], { stdio: 'pipe' })
      rmSync(path)
    },
    refused: /not permitted/,
    controlledBy: 'root',
  },
  {
    name: 'open a device other than the harmless ones',
    act: () => {
      const harmless = ['null', 'zero', 'full', 'random', 'urandom', 'tty', 'ptmx', 'pts']
      const devices = list('/dev').filter((name) => !harmless.includes(name) && isDevice(`/dev/${name}`))
      if (
        !devices.some(
          (name) => canRead(`/dev/${name}`) || succeeds(() => accessSync(`/dev/${name}`, constants.R_OK)),
        )
      )
        throw new Error('none')
    },
    refused: /^none/,
    controlledBy: 'root',
  },
  {
    name: 'become root through a set-user-id file',
    as: 'user',
    act: ({ setuid }) => native(setuid, 'euid', 0),
    refused: /^EPERM/,
  },
  {
    name: 'become another user through a set-user-id file of its own',
    as: 'root',
    act: ({ helper }) => {
      const copy = `/tmp/gbtest-copy-${process.pid}`
      copyFileSync(helper, copy)
      try {
        chownSync(copy, 65534, 65534)
        chmodSync(copy, 0o4755)
        native(copy, 'euid', 65534)
      } finally {
        rmSync(copy)
      }
    },
    refused: /^EPERM/,
  },
  {
    name: 'give a file capabilities',
    act: ({ helper, project }) => {
      const copy = join(project, `capable-${process.pid}`)
      copyFileSync(helper, copy)
      try {
        native(helper, 'file-capability', copy)
      } finally {
        rmSync(copy)
      }
    },
    refused: /^EPERM/,
    controlledBy: 'root',
  },
  {
    name: "have the runner's terminal",
    act: ({ helper }) => native(helper, 'terminal'),
    control: ({ helper }) => {
      // `script` makes a terminal for what it runs.
      const output = execFileSync('script', ['-qec', `${helper} terminal`, '/dev/null'], {
        encoding: 'utf8',
        stdio: 'pipe',
      })
      if (output.trim() !== 'ok') throw new Error(output)
    },
    refused: /^ENXIO/,
  },
]

/** The file, or the directory that would hold it. @param {string} path */
function existing(path) {
  return canRead(path) ? path : dirname(path)
}

/** @param {string} path */
function canRead(path) {
  return succeeds(() => closeSync(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)))
}

/** @param {() => unknown} act */
function succeeds(act) {
  try {
    act()
    return true
  } catch {
    return false
  }
}

/** @param {string} path */
function isDirectory(path) {
  return succeeds(() => readlinkSync(path)) && list(path).length >= 0 && succeeds(() => readdirSync(path))
}

/** @param {string} path */
function isDevice(path) {
  try {
    const stat = lstatSync(path)
    return stat.isBlockDevice() || stat.isCharacterDevice()
  } catch {
    return false
  }
}

/**
 * @param {string} path
 * @param {string} content
 */
function reads(path, content) {
  try {
    return statSync(path).isFile() && readFileSync(path, 'utf8').includes(content)
  } catch {
    return false
  }
}

/** @param {string} path */
function list(path) {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** Meant to be written, and not only opened: root may open any file of procfs. @param {string} path */
function isWritable(path) {
  // Monitors of pressure are for everybody; /proc/mtrr asks for a capability in the first user namespace when it is written.
  if (path.startsWith('/proc/pressure/') || path === '/proc/mtrr') return false
  return succeeds(() => {
    if ((statSync(path).mode & 0o222) === 0) throw new Error('read-only')
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK))
  })
}

/**
 * Files down to a depth that could be opened for writing; those of processes are theirs.
 * @param {string} directory
 * @param {number} levels
 * @returns {string[]}
 */
function writable(directory, levels) {
  /** @type {import('node:fs').Dirent[]} */
  let entries = []
  succeeds(() => {
    entries = readdirSync(directory, { withFileTypes: true })
  })
  return entries.flatMap((entry) => {
    const path = join(directory, entry.name)
    if (directory === '/proc' && /^(\d+|self|thread-self)$/.test(entry.name)) return []
    if (entry.isDirectory()) return levels > 1 ? writable(path, levels - 1) : []
    return entry.isFile() && isWritable(path) ? [path] : []
  })
}
