/** Projects that pnpm and Yarn have really installed, without a network, our own packages from their tarballs. */
import { execFile } from 'node:child_process'
import { cpSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Fixture } from '../harness/fixture.js'
import { identityOf, spawnAs } from '../harness/users.js'
import { plainEnv } from '../packaging/packages.js'
import {
  layouts,
  lockFileOf,
  manifestOf,
  type PackageManager,
  type Runner,
  scriptOf,
  settingsOf,
} from '../setup/layouts.mjs'
import { nodeBinary, repository } from '../setup/matrix.mjs'

export const node = nodeBinary(24)

/** Our packages for one runner, as they would be published. */
export interface Packed extends AsyncDisposable {
  runner: Runner
  directory: string
  /** Package → specifier. */
  own: Record<string, string>
}

/** As they are built now, without the builds for other machines that belong to a release. */
export async function pack(runner: Runner): Promise<Packed> {
  const directory = await mkdtemp(join(tmpdir(), 'gbtest-pack-'))
  const own: Record<string, string> = {}
  for (const name of ['core', runner === 'jest' ? 'jest-env' : 'vitest-plugin']) {
    const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', directory]
    const cwd = join(repository, 'packages', name)
    const { stdout } = await promisify(execFile)('npm', args, { cwd, env: plainEnv() })
    own[`@glovebox/${name}`] = `file:${join(directory, JSON.parse(stdout)[0].filename)}`
  }
  const remove = () => rm(directory, { recursive: true, force: true })
  return { runner, directory, own, [Symbol.asyncDispose]: remove }
}

/** A home directory of its own, and no network. */
export function environment(home: string): Record<string, string | undefined> {
  return {
    HOME: home,
    PATH: `${dirname(node)}:${process.env.PATH}`,
    YARN_ENABLE_NETWORK: 'false',
    YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
    CI: undefined,
  }
}

/** What a run is started with: with Yarn the `node` of PATH is one that `yarn run` has put there. */
export function runEnvironment(home: string, manager: PackageManager): Record<string, string | undefined> {
  return { ...environment(home), ...(manager === 'yarn' && { PATH: process.env.PATH }) }
}

/** `settings`: more lines for the package manager's settings. Makes `home`, which the caller removes. */
export async function install(
  project: Fixture,
  home: string,
  manager: PackageManager,
  packed: Packed,
  settings = '',
): Promise<void> {
  const [[file, content] = ['', '']] = Object.entries(settingsOf(manager))
  await project.write({
    'package.json': JSON.stringify(manifestOf(manager, packed.runner, packed.own)),
    ...(await lockFileOf(manager, packed.runner)),
    [file]: content + settings,
  })
  cpSync(join(layouts, 'home'), home, { recursive: true })
  const { uid, gid } = identityOf(project.as)
  await promisify(execFile)('chown', ['-R', `${uid}:${gid}`, home, packed.directory])
  const args = manager === 'pnpm' ? ['install', '--offline', '--no-frozen-lockfile'] : ['install']
  await call(project, home, [scriptOf(manager), ...args])
}

/** What Node.js prints. */
export async function call(project: Fixture, home: string, args: readonly string[]): Promise<string> {
  const options = { cwd: project.dir, ...spawnAs(project.as, environment(home)), maxBuffer: 1 << 24 }
  try {
    return (await promisify(execFile)(node, [...args], options)).stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${args.join(' ')}\n${stdout}\n${stderr}`)
  }
}
