import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { repository } from '../setup/matrix.mjs'

export const run = promisify(execFile)

export const packageNames = ['core', 'vitest-plugin', 'jest-env'] as const
export type PackageName = (typeof packageNames)[number]

/** A directory that lives as long as the block. */
export async function scratchDirectory(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'gbtest-pack-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** `npm pack` of a workspace as it is built now. Returns the tarball's path. */
export async function pack(name: PackageName, destination: string): Promise<string> {
  await mkdir(destination, { recursive: true })
  await run('npm', ['pack', '--pack-destination', destination], {
    cwd: join(repository, 'packages', name),
    env: plainEnv(),
  })
  const [file, ...others] = (await readdir(destination)).filter((entry) =>
    entry.startsWith(`glovebox-${name}-`),
  )
  if (file === undefined || others.length > 0)
    throw new Error(`npm pack of ${name} left ${[file, ...others].join(', ')}`)
  return join(destination, file)
}

/** The environment without what an outer `npm test` adds to it. */
export function plainEnv(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([key]) => !/^(npm_(lifecycle|package|command)|VITEST|NODE_ENV)/.test(key),
  )
  return { ...Object.fromEntries(entries), npm_config_local_prefix: undefined }
}

const compilers = /^(cc|c89|c99|gcc|g\+\+|c\+\+|clang|tcc)([-.+\d]|$)|-(gcc|cc|clang)([-.\d]|$)/

/** A PATH on which everything of the present one is found but compilers: a directory of links, made below `parent`. */
export async function pathWithoutCompiler(parent: string): Promise<string> {
  const bin = join(parent, 'bin-without-compiler')
  await mkdir(bin)
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const names = await readdir(directory).catch(() => [])
    for (const name of names) {
      if (compilers.test(name)) continue
      await symlink(join(directory, name), join(bin, name)).catch(() => {}) // an earlier directory of PATH wins
    }
  }
  return bin
}
