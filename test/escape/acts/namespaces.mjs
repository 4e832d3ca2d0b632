// @ts-check
/** Namespaces and cgroups: new ones, others' and its own limits. */
/** @import { Act, Targets } from '../types.js' */
import { accessSync, constants, mkdirSync, readdirSync, readlinkSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { native } from '../perform.mjs'

const user = 0x10000000
const flags = {
  user,
  mount: user | 0x00020000,
  cgroup: user | 0x02000000,
  uts: user | 0x04000000,
  ipc: user | 0x08000000,
  pid: user | 0x20000000,
  network: user | 0x40000000,
  time: user | 0x00000080,
}
const files = ['mnt', 'uts', 'ipc', 'net', 'cgroup']

/** @type {Act[]} */
export const namespaces = [
  ...Object.entries(flags).map(([kind, number]) => ({
    name: `make a ${kind} namespace`,
    act: (/** @type {Targets} */ { helper }) => native(helper, 'unshare', number),
    refused: /^EPERM$/,
  })),
  {
    name: 'make a user namespace with clone',
    act: ({ helper }) => native(helper, 'clone', user),
    refused: /^EPERM$/,
  },
  {
    name: 'make a user namespace with clone3',
    act: ({ helper }) => native(helper, 'clone3', user),
    refused: /^ENOSYS$/,
  },
  ...files.map((file) => ({
    name: `enter a namespace (${file}) through a descriptor`,
    act: (/** @type {Targets} */ { helper }) => native(helper, 'setns', file),
    refused: /^EPERM$/,
    controlledBy: /** @type {const} */ ('root'),
  })),
  ...['user', 'pid', ...files].map((file) => ({
    name: `see which ${file} namespace the init is in`,
    act: () => readlinkSync(`/proc/1/ns/${file}`),
    control: (/** @type {Targets} */ { bystander }) => readlinkSync(`/proc/${bystander}/ns/${file}`),
    refused: /^EACCES/,
  })),
  {
    name: 'leave its cgroup, or raise a limit of any',
    act: () =>
      anyOf(cgroupFiles(['cgroup.procs', 'tasks', 'memory.max', 'memory.limit_in_bytes', 'pids.max'])),
    refused: /^none/,
    controlledBy: 'root',
  },
  {
    name: 'set a release agent',
    act: () => anyOf(cgroupFiles(['release_agent', 'notify_on_release', 'cgroup.subtree_control'])),
    refused: /^none/,
    controlledBy: 'root',
  },
  {
    name: 'make a cgroup',
    act: () => {
      const made = cgroupDirectories().some((directory) => {
        const path = join(directory, `gbtest-${process.pid}`)
        try {
          mkdirSync(path)
          rmdirSync(path)
          return true
        } catch {
          return false
        }
      })
      if (!made) throw new Error('none')
    },
    refused: /^none/,
    controlledBy: 'root',
  },
]

/** @param {readonly string[]} paths */
function anyOf(paths) {
  if (!paths.some((path) => isWritable(path))) throw new Error('none')
}

/** @param {string} path */
function isWritable(path) {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** @param {readonly string[]} names */
function cgroupFiles(names) {
  return cgroupDirectories().flatMap((directory) => names.map((name) => join(directory, name)))
}

/** The roots of all hierarchies, and one level below: where each process's own lies, in its own cgroup namespace. */
function cgroupDirectories() {
  const roots = below('/sys/fs/cgroup')
  return [...roots, ...roots.flatMap(below)]
}

/** @param {string} path */
function below(path) {
  try {
    const entries = readdirSync(path, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(path, name))
  } catch {
    return []
  }
}
