import { posix } from 'node:path'
import type { HostFacts } from '../host/facts.js'
import { isWithin } from './paths.js'

/*
 * Well-known places of a Linux host: what a test must not see, and what it may keep seeing of a home directory. Paths
 * are candidates; most hosts have few of them.
 */

/** Credentials, below the home directory. They matter where the home directory is (part of) the project. */
const credentials = [
  '.ssh',
  '.aws',
  '.azure',
  '.kube',
  '.gnupg',
  '.npmrc',
  '.yarnrc.yml',
  '.netrc',
  '.pypirc',
  '.git-credentials',
  '.vault-token',
  '.password-store',
  '.docker/config.json',
  '.cargo/credentials.toml',
  '.gem/credentials',
  '.config/gh',
  '.config/hub',
  '.config/gcloud',
  '.config/git/credentials',
  '.config/op',
  '.local/share/keyrings',
]

/** Sockets of privileged services (a read-only mount does not stop `connect()`), and secrets that containers are given. */
const services = [
  '/run/docker.sock',
  '/var/run/docker.sock',
  '/run/containerd',
  '/run/podman',
  '/run/crio',
  '/run/dbus',
  '/run/systemd/private',
  '/run/snapd.socket',
  '/run/secrets',
  '/var/run/secrets',
  '/tmp/.X11-unix',
]

/** What sysfs tells root, whatever its user namespace, of firmware and power: nothing that concerns a test. */
const machine = ['/sys/firmware', '/sys/devices/virtual/powercap']

/** File systems of the kernel's own interfaces, where they are mounted. */
const kernel = [
  '/sys/kernel/debug',
  '/sys/kernel/tracing',
  '/sys/kernel/security',
  '/sys/fs/bpf',
  '/sys/fs/pstore',
]

/** Who asks them learns the names of users and groups, which is all that they are for. */
const nameServices = ['/run/nscd', '/var/run/nscd', '/var/lib/sss/pipes', '/run/systemd/userdb']

/** Sockets of services, found on this host. Those in the project are the project's own: global setup may have made them. */
export function foundSockets({ sockets }: HostFacts, project: string | undefined): string[] {
  const kept = [...nameServices, ...(project === undefined ? [] : [project])]
  return sockets.filter((path) => !kept.some((directory) => isWithin(path, directory)))
}

/** What is hidden unless the user shows it: absolute paths. */
export function hiddenPlaces({ home, env, mountPoints }: HostFacts): string[] {
  const sockets = [env.SSH_AUTH_SOCK, unixPath(env.DBUS_SESSION_BUS_ADDRESS), unixPath(env.DOCKER_HOST)]
  return [
    ...credentials.map((path) => posix.join(home, path)),
    ...services,
    ...machine,
    ...kernel.filter((path) => mountPoints.includes(path)),
    ...sockets.filter((path) => path?.startsWith('/')),
  ].filter((path) => path !== undefined)
}

/** `unix:path=/run/user/1000/bus,guid=…` (D-Bus), `unix:///run/docker.sock` (Docker) → the path. */
function unixPath(address: string | undefined): string | undefined {
  return /^unix:(?:path=|\/\/)([^,;]+)/.exec(address ?? '')?.[1]
}

/** Node.js installations, package stores and browsers' caches, below the home directory. */
const tools = [
  '.nvm',
  '.fnm',
  '.local/share/fnm',
  '.volta',
  '.asdf',
  '.local/share/mise',
  'n',
  '.pnpm-store',
  '.local/share/pnpm',
  '.yarn/berry',
  '.bun/install',
  '.cache/ms-playwright',
  '.cache/puppeteer',
  '.cache/Cypress',
  '.cache/prisma',
  '.cache/node',
]

/** Variables that say where the same things are, if not at their usual places. */
const toolVariables = [
  'NVM_DIR',
  'FNM_DIR',
  'VOLTA_HOME',
  'ASDF_DATA_DIR',
  'MISE_DATA_DIR',
  'N_PREFIX',
  'PNPM_HOME',
  'PLAYWRIGHT_BROWSERS_PATH',
  'PUPPETEER_CACHE_DIR',
  'CYPRESS_CACHE_FOLDER',
  'YARN_GLOBAL_FOLDER',
  'YARN_CACHE_FOLDER',
  // The `node` and `yarn` that `yarn run` puts first in PATH.
  'BERRY_BIN_FOLDER',
]

/** What stays visible, read-only, where a private directory would cover it: absolute paths. */
export function toolPlaces({ home, env }: HostFacts): string[] {
  const named = toolVariables.map((name) => env[name]).filter((path) => path?.startsWith('/'))
  return [...tools.map((path) => posix.join(home, path)), ...named].filter((path) => path !== undefined)
}

/** Below these a Node.js of the system lies among everything else. */
const systemPrefixes = ['/', '/usr', '/usr/local']

/** The prefix of a Node.js installation; where it is the system's or has none, the executable and global packages. */
export function nodePlaces({ execPath }: HostFacts): string[] {
  const directory = posix.dirname(execPath)
  const prefix = posix.dirname(directory)
  const isInstallation = posix.basename(directory) === 'bin' && !systemPrefixes.includes(prefix)
  return isInstallation ? [prefix, execPath] : [execPath, posix.join(prefix, 'lib/node_modules')]
}

/** Modules that Node.js loads before anything else (`NODE_OPTIONS=--require /home/me/.vscode/…`), with what lies beside them. */
export function preloadedPlaces({
  env,
  execArgv = [],
}: {
  env: HostFacts['env']
  execArgv?: readonly string[]
}): string[] {
  const flags = `${env.NODE_OPTIONS ?? ''} ${execArgv.join(' ')}`
  const modules = flags.matchAll(
    /(?:^|\s)(?:--require|-r|--import|--(?:experimental-)?loader)[= ]"?(?:file:\/\/)?(\/[^\s"]+)/g,
  )
  return [...modules].flatMap(([, path = '']) => [posix.dirname(path), path])
}
