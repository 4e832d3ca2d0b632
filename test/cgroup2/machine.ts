/** Commands on a kernel with cgroup v2: a virtual machine that sees this machine's files as they are and keeps nothing. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach } from 'vitest'
import { type Feature, requires, v2vmScript, whyMissing } from '../harness/requires.js'
import { repository } from '../setup/matrix.mjs'

/** Who runs the command, in what cgroup. */
export const callers = {
  /** In a system service's cgroup. */
  root: [],
  /** An ordinary user in a cgroup that was given to it. */
  'a user with a delegated cgroup': ['-u'],
  /** An ordinary user in a cgroup of root's. */
  'a user without delegation': ['-U'],
  /** An ordinary user below `systemd-run --user --scope -p Delegate=yes`. */
  'a user in a systemd scope': ['-s', '-u'],
  /** A plain login session: core asks systemd for a scope itself. */
  'a user in a systemd session': ['-s', '-U'],
} as const satisfies Record<string, readonly string[]>

export type Caller = keyof typeof callers

export interface MachineOptions {
  /** Working directory; the repository by default. */
  cwd?: string
  /** Give the working directory to the user. */
  chown?: boolean
  /** `qemu` has every controller and several CPUs, but is slow. */
  backend?: 'uml' | 'qemu'
  /** Seconds until a machine that hangs is ended: 150 by default. */
  limit?: number
}

export interface MachineResult {
  status: number
  /** stdout and stderr. */
  output: string
  /** What the command wrote to `$V2VM_OUT/result`, if it did. */
  result: string | undefined
}

/** As `requires`; where GLOVEBOX_REQUIRE names cgroup2, a machine that is missing is a failure. */
export function requiresMachine(...others: Feature[]): boolean {
  const missing = whyMissing('v2vm')
  const mandatory = (process.env.GLOVEBOX_REQUIRE ?? '').split(',').some((name) => name.trim() === 'cgroup2')
  if (missing !== undefined && mandatory) {
    beforeEach(() => {
      throw new Error(`GLOVEBOX_REQUIRE names cgroup2, and there is no machine that has it: ${missing}`)
    })
  }
  return requires('v2vm', ...others)
}

/**
 * qemu would use /dev/kvm if it may write it, and nested virtualization need not work. A read-only file over it, in a mount
 * namespace of its own, makes it emulate.
 */
const emulate = [
  'unshare',
  '--mount',
  'sh',
  '-c',
  '[ ! -e /dev/kvm ] || { mount --bind /etc/hostname /dev/kvm && mount -o remount,bind,ro /dev/kvm; } || exit 125; exec "$@"',
  'sh',
]

export async function inMachine(
  caller: Caller,
  command: string,
  { cwd = repository, chown = false, backend = 'uml', limit = 150 }: MachineOptions = {},
): Promise<MachineResult> {
  const out = await mkdtemp(join(tmpdir(), 'gbtest-v2vm-'))
  const options = [
    ...callers[caller],
    ...(chown ? ['-C'] : []),
    '-b',
    backend,
    '-t',
    String(limit),
    '-o',
    out,
  ]
  const [file = '', ...args] = [...(backend === 'qemu' ? emulate : []), v2vmScript, ...options, cwd, command]
  try {
    const { status, output } = await execute(file, args, { V2VM_BOOT_LIMIT: String(limit) })
    if (status === 125) throw new Error(`the virtual machine failed:\n${output}`)
    return { status, output, result: await readFile(join(out, 'result'), 'utf8').catch(() => undefined) }
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}

function execute(
  file: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ status: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      file,
      args,
      { maxBuffer: 1 << 26, env: { ...process.env, ...env } },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number') reject(error)
        else resolve({ status: child.exitCode ?? 1, output: stdout + stderr })
      },
    )
  })
}
