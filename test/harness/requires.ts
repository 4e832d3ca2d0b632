/**
 * `requires('root', 'cgroup1')` at the top of a file or a `describe`: its tests skip, with the reason, where the machine lacks one of
 * these. What the environment variable GLOVEBOX_REQUIRE names (comma-separated, or `all`) may not be missing: then they fail.
 */
import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach } from 'vitest'
import { type DebianPackage, debianPackages, isPresent } from '../setup/apt.mjs'
import { layoutsInstalled } from '../setup/layouts.mjs'
import {
  isInstalled,
  jestVersions,
  nodeBinary,
  nodeMajors,
  type RunnerEntry,
  repository,
  vitestVersions,
} from '../setup/matrix.mjs'

const probes = {
  root: () => (process.getuid?.() === 0 ? undefined : 'not running as root'),
  user: () => ordinaryUserMissing(),
  userns: () => userNamespacesMissing(),
  cgroup1: () => (mounted('cgroup', 'memory') ? undefined : 'no memory controller of cgroup v1 is mounted'),
  cgroup2: () =>
    existsSync('/sys/fs/cgroup/cgroup.controllers')
      ? undefined
      : '/sys/fs/cgroup is not a cgroup v2 hierarchy',
  v2vm: () => v2vmMissing(),
  x64: () => (process.arch === 'x64' ? undefined : `${process.arch} is not x64`),
  cc: () => (commandExists('cc') ? undefined : 'no C compiler (cc)'),
  addons: () =>
    isInstalled('addons') ? undefined : 'the packages of native code are not installed (npm run setup)',
  clients: () =>
    isInstalled('clients') ? undefined : 'the clients of databases are not installed (npm run setup)',
  'react-native': () =>
    isInstalled('react-native') ? undefined : 'React Native is not installed (npm run setup)',
  layouts: () =>
    layoutsInstalled() ? undefined : 'the stores of pnpm and Yarn are not filled (npm run setup)',
  'cc:arm64': () => (commandExists('aarch64-linux-gnu-gcc') ? undefined : 'no gcc-aarch64-linux-gnu'),
} satisfies Record<string, () => string | undefined>

export type Feature =
  | keyof typeof probes
  | `node${(typeof nodeMajors)[number]}`
  | `vitest${(typeof vitestVersions)[number]}`
  | `jest${(typeof jestVersions)[number]}`
  | `apt:${DebianPackage}`

const known: readonly string[] = [
  ...Object.keys(probes),
  ...nodeMajors.map((major) => `node${major}`),
  ...vitestVersions.map((version) => `vitest${version}`),
  ...jestVersions.map((version) => `jest${version}`),
  ...debianPackages.map((name) => `apt:${name}`),
]

/** Where the tests' VM lives: in the directory that GLOVEBOX_V2VM names, else beside the repository, if anywhere. */
export const v2vmScript: string = join(
  process.env.GLOVEBOX_V2VM || join(repository, '../shared/v2vm'),
  'v2vm.sh',
)

/**
 * Skips (or fails, see above) every test of the current file or `describe` if a feature is missing.
 * @returns whether all are there, so that a `beforeAll` can spare itself the work
 */
export function requires(...features: [Feature, ...Feature[]]): boolean {
  const missing = features.flatMap((feature) => {
    const reason = whyMissing(feature)
    return reason === undefined ? [] : [`${feature}: ${reason}`]
  })
  const mandatory = mandatoryFeatures() // read even if nothing is missing: a typo must not wait for another machine to show
  if (missing.length > 0) {
    const reason = `needs ${missing.join('; ')}`
    const broken = features.some((feature) => mandatory.has(feature) && whyMissing(feature) !== undefined)
    beforeEach((context) => {
      if (broken) throw new Error(`GLOVEBOX_REQUIRE forbids skipping this: ${reason}`)
      context.skip(reason)
    })
  }
  return missing.length === 0
}

const answers = new Map<Feature, string | undefined>()

/** Why a feature is missing, `undefined` if it is there. */
export function whyMissing(feature: Feature): string | undefined {
  assertKnown(feature, 'requires()')
  if (!answers.has(feature)) answers.set(feature, probe(feature))
  return answers.get(feature)
}

function probe(feature: Feature): string | undefined {
  if (feature in probes) return probes[feature as keyof typeof probes]()
  if (feature.startsWith('apt:')) {
    const name = feature.slice(4) as DebianPackage
    return isPresent(name) ? undefined : `Debian package ${name} is not installed`
  }
  const node = nodeMajors.find((major) => feature === `node${major}`)
  if (node) return existsSync(nodeBinary(node)) ? undefined : 'not installed (node test/setup/main.mjs)'
  const runner = [
    ...vitestVersions.map((version) => ['vitest', version] as const),
    ...jestVersions.map((version) => ['jest', version] as const),
  ].find(([name, version]) => feature === `${name}${version}`)
  if (runner)
    return isInstalled(runner.join('-') as RunnerEntry)
      ? undefined
      : 'not installed (node test/setup/main.mjs)'
  throw new Error(`no probe for ${feature}`)
}

function mandatoryFeatures(): Set<string> {
  const named = (process.env.GLOVEBOX_REQUIRE ?? '').split(',').map((name) => name.trim())
  const features = named.filter((name) => name !== '')
  for (const feature of features) if (feature !== 'all') assertKnown(feature, 'GLOVEBOX_REQUIRE')
  return new Set(features.includes('all') ? known : features)
}

function assertKnown(feature: string, where: string): void {
  if (!known.includes(feature))
    throw new Error(`${where}: unknown feature '${feature}'; known: ${known.join(', ')}`)
}

function commandExists(command: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function mounted(type: string, option: string): boolean {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .some(([, , fstype, options]) => fstype === type && options?.split(',').includes(option))
}

/** Ordinary users' tests run as one that root makes, or as the caller; either must be able to read the checkout. */
function ordinaryUserMissing(): string | undefined {
  if (process.getuid?.() !== 0) return undefined
  if (!commandExists('useradd')) return 'no useradd to make an ordinary user with'
  const file = join(repository, 'package.json')
  try {
    execFileSync('cat', [file], { uid: 65534, gid: 65534, stdio: 'ignore' })
    execFileSync(process.execPath, ['-e', '0'], { uid: 65534, gid: 65534, stdio: 'ignore', cwd: '/' })
  } catch {
    return `an ordinary user can read neither ${file} nor run ${process.execPath}: move them out of a private directory`
  }
  return userNamespacesMissing()
}

/** Used, not read from a sysctl: AppArmor lets the namespace be made and then takes the capabilities away. */
function userNamespacesMissing(): string | undefined {
  const identity = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  try {
    execFileSync('unshare', ['--user', '--map-root-user', '--mount', 'true'], {
      ...identity,
      stdio: 'ignore',
      cwd: '/',
    })
    return undefined
  } catch {
    return 'an ordinary user cannot make a user namespace and mount in it'
  }
}

function v2vmMissing(): string | undefined {
  if (process.getuid?.() !== 0) return 'the VM with cgroup v2 needs root'
  try {
    accessSync(v2vmScript, constants.X_OK)
    return undefined
  } catch {
    return `${v2vmScript} is not there`
  }
}
