import { accessSync, closeSync, constants, existsSync, openSync, readFileSync, readSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GloveboxError } from '../errors.js'

const prebuilds = fileURLToPath(new URL('../../prebuilds/', import.meta.url))

/**
 * The path of the supervisor's executable: `$GLOVEBOX_SUPERVISOR`, else the one that came with the package.
 * Throws GLOVEBOX_UNSUPPORTED_PLATFORM off Linux, GLOVEBOX_NO_SUPERVISOR where it is missing.
 */
export function findSupervisor(
  env: NodeJS.ProcessEnv = process.env,
  platform: string = process.platform,
  arch: string = process.arch,
): string {
  if (platform !== 'linux') {
    throw new GloveboxError(
      'GLOVEBOX_UNSUPPORTED_PLATFORM',
      `Glovebox needs the namespaces and cgroups of Linux; this is ${platform}.`,
      { remedy: "Run the tests on Linux, or set onUnsupported: 'warn' to run them here without sandboxes." },
    )
  }
  const configured = env.GLOVEBOX_SUPERVISOR
  const path = configured || join(prebuilds, `${platform}-${arch}`, 'glovebox-supervisor')
  if (!existsSync(path)) {
    throw new GloveboxError(
      'GLOVEBOX_NO_SUPERVISOR',
      configured
        ? `GLOVEBOX_SUPERVISOR names a file that does not exist: ${path}`
        : `There is no supervisor for ${platform}-${arch}: ${path} is missing.`,
      {
        remedy: configured
          ? 'Correct the variable, or unset it to use the executable that came with @glovebox/core.'
          : 'Reinstall @glovebox/core, or build the supervisor from source (`npm run build:native`, needs a C compiler) and name it in GLOVEBOX_SUPERVISOR.',
      },
    )
  }
  try {
    accessSync(path, constants.X_OK)
  } catch {
    throw cannotExecute(path, 'permission denied')
  }
  if (!isForMachine(path, arch)) throw cannotExecute(path, `it is not a program for ${arch}`)
  return path
}

/** e_machine in the header of an ELF file. */
const machines: Readonly<Record<string, number>> = { x64: 62, arm64: 183 }

/** Spawning would not tell: what the kernel cannot execute, execvp(3) hands to a shell. Scripts pass. */
function isForMachine(path: string, arch: string): boolean {
  const header = Buffer.alloc(20)
  const file = openSync(path, 'r')
  try {
    readSync(file, header, 0, header.length, 0)
  } finally {
    closeSync(file)
  }
  if (header.toString('latin1', 0, 2) === '#!') return true
  return header.toString('latin1', 0, 4) === '\x7fELF' && header.readUInt16LE(18) === machines[arch]
}

/** What spawning the executable may still run into: wrong architecture, a file system mounted noexec. */
export function cannotExecute(path: string, reason: string): GloveboxError {
  return new GloveboxError('GLOVEBOX_NO_SUPERVISOR', `The supervisor ${path} cannot be executed: ${reason}`, {
    remedy: `It must be an executable for ${process.platform}-${process.arch} on a file system that is not mounted noexec: chmod 755 it, or reinstall @glovebox/core on this machine.`,
  })
}

/**
 * The commands to try, in order. An ordinary user whose session lies in a cgroup of root's (a login over ssh, say) can write no
 * cgroup; systemd gives a delegated one to a scope of the user's own manager. If that fails, the last command is the plain one.
 */
export function launchCommands(path: string, facts: LaunchFacts): string[][] {
  const plain = [path]
  if (facts.root || !facts.systemdRun || facts.cgroupWritable !== false) return [plain]
  return [[facts.systemdRun, '--user', '--scope', '--quiet', '-p', 'Delegate=yes', '--', path], plain]
}

export interface LaunchFacts {
  root: boolean
  /** Whether the process's own cgroup (v2) may be written; `undefined`: there is no cgroup v2. */
  cgroupWritable: boolean | undefined
  /** Path of systemd-run, if there is one and a user manager to ask. */
  systemdRun: string | undefined
}

export function readLaunchFacts(env: NodeJS.ProcessEnv = process.env): LaunchFacts {
  const root = process.getuid?.() === 0
  if (root) return { root, cgroupWritable: undefined, systemdRun: undefined }
  const runtime = env.XDG_RUNTIME_DIR
  const manager = runtime !== undefined && existsSync(join(runtime, 'systemd/private'))
  return {
    root,
    cgroupWritable: ownCgroupWritable(),
    systemdRun: manager ? which('systemd-run', env) : undefined,
  }
}

function ownCgroupWritable(): boolean | undefined {
  if (!existsSync('/sys/fs/cgroup/cgroup.controllers')) return undefined
  const own = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/'
  try {
    accessSync(join('/sys/fs/cgroup', own, 'cgroup.procs'), constants.W_OK)
    accessSync(join('/sys/fs/cgroup', own), constants.W_OK)
    return true
  } catch {
    return false
  }
}

function which(name: string, env: NodeJS.ProcessEnv): string | undefined {
  return (env.PATH ?? '')
    .split(delimiter)
    .map((directory) => join(directory, name))
    .find((path) => existsSync(path))
}
