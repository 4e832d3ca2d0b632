import { existsSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'

/** What sort of host this is, as far as it decides which remedy to type. Plain data. */
export interface HostKind {
  /** From os-release: `debian`, `ubuntu`, `fedora`, `alpine` …, and its version, e.g. `24.04`. */
  distribution: string
  version: string
  /** Families that the distribution belongs to, itself included. */
  like: readonly string[]
  /** `glovebox`: inside one of our own sandboxes. */
  container: 'none' | 'glovebox' | 'docker' | 'podman' | 'kubernetes' | 'lxc' | 'other'
  /** Running as a job of GitHub Actions. */
  githubActions: boolean
  root: boolean
  /** How cgroups are mounted; hybrid set-ups, whose controllers are on v1, count as v1. */
  cgroups: 'v1' | 'v2' | 'none'
  /** A seccomp filter already restricts this process (and whatever it starts). */
  seccompFiltered: boolean
  /** The caller's login name, for commands that name it. */
  user: string
  /** systemd runs as init (or did when this container's host booted it). */
  systemd: boolean
  /** The caller has a systemd user manager to ask for a delegated scope. */
  systemdUser: boolean
  /** `undefined`: this kernel has no such setting. */
  sysctls: {
    /** kernel.apparmor_restrict_unprivileged_userns (Ubuntu 23.10 and later) */
    apparmorRestrictsUserns: number | undefined
    /** kernel.unprivileged_userns_clone (Debian, Arch) */
    unprivilegedUsernsClone: number | undefined
    /** user.max_user_namespaces */
    maxUserNamespaces: number | undefined
  }
}

/** Reads the host below `root` (`/` but for tests) and the caller's environment. */
export function readHostKind(
  env: NodeJS.ProcessEnv = process.env,
  root = '/',
  uid: number = process.getuid?.() ?? -1,
): HostKind {
  const osRelease = parseOsRelease(read(root, 'etc/os-release') ?? read(root, 'usr/lib/os-release') ?? '')
  const id = osRelease.ID ?? 'linux'
  return {
    distribution: id,
    version: osRelease.VERSION_ID ?? '',
    like: [id, ...(osRelease.ID_LIKE ?? '').split(' ').filter(Boolean)],
    container: containerOf(env, root),
    githubActions: env.GITHUB_ACTIONS === 'true',
    root: uid === 0,
    cgroups: cgroupsOf(root),
    seccompFiltered: /^Seccomp:\s*[12]$/m.test(read(root, 'proc/self/status') ?? ''),
    user: loginName(uid),
    systemd: read(root, 'proc/1/comm')?.trim() === 'systemd',
    systemdUser: existsSync(join(root, `run/user/${uid}/systemd`)),
    sysctls: {
      apparmorRestrictsUserns: readNumber(root, 'proc/sys/kernel/apparmor_restrict_unprivileged_userns'),
      unprivilegedUsernsClone: readNumber(root, 'proc/sys/kernel/unprivileged_userns_clone'),
      maxUserNamespaces: readNumber(root, 'proc/sys/user/max_user_namespaces'),
    },
  }
}

function containerOf(env: NodeJS.ProcessEnv, root: string): HostKind['container'] {
  // The innermost decides; the kernel cuts names short.
  if (read(root, 'proc/1/comm')?.startsWith('glovebox-superv')) return 'glovebox'
  if (env.KUBERNETES_SERVICE_HOST || existsSync(join(root, 'var/run/secrets/kubernetes.io')))
    return 'kubernetes'
  if (existsSync(join(root, '.dockerenv'))) return 'docker'
  if (existsSync(join(root, 'run/.containerenv'))) return 'podman'
  const name = env.container ?? read(root, 'run/systemd/container')?.trim()
  if (!name) return 'none'
  if (name === 'docker' || name === 'podman') return name
  return name === 'lxc' ? 'lxc' : 'other'
}

function cgroupsOf(root: string): HostKind['cgroups'] {
  if (existsSync(join(root, 'sys/fs/cgroup/cgroup.controllers'))) return 'v2'
  return ['memory', 'cpu', 'pids'].some((name) => existsSync(join(root, 'sys/fs/cgroup', name, 'tasks')))
    ? 'v1'
    : 'none'
}

function parseOsRelease(text: string): Record<string, string> {
  const pairs = text.matchAll(/^([A-Z_]+)=(?:"([^"]*)"|'([^']*)'|(.*))$/gm)
  return Object.fromEntries([...pairs].map((match) => [match[1], match[2] ?? match[3] ?? match[4] ?? '']))
}

/** An id without an entry in /etc/passwd makes `userInfo` throw; its number serves as well. */
function loginName(uid: number): string {
  try {
    return userInfo().username
  } catch {
    return String(uid)
  }
}

function read(root: string, path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch {
    return undefined
  }
}

function readNumber(root: string, path: string): number | undefined {
  const text = read(root, path)?.trim()
  return text && /^\d+$/.test(text) ? Number(text) : undefined
}
