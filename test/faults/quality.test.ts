/** The native code as analysers see it, and whether the same source gives the same executable. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { buildUnit } from '../../native/test/programs.mjs'
import { requires } from '../harness/requires.js'
import { repository } from '../setup/matrix.mjs'

const run = promisify(execFile)
const native = join(repository, 'native')

function temporary(): string {
  const path = mkdtempSync(join(tmpdir(), 'gbtest-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

describe('static analysis', () => {
  requires('cc')

  const analyse = async (files: readonly string[]): Promise<string> => {
    // Its leak checker takes an array of pointers in a structure for lost; leaks are the business of valgrind and of the sanitizers.
    const analyser = ['-fanalyzer', '-Wno-analyzer-malloc-leak', '-Werror', '-S', '-o', '/dev/null']
    const dialect = ['-std=c11', '-D_GNU_SOURCE', '-DGB_VERSION="0"', '-O1', '-Wall', '-Wextra']
    for (const file of files) {
      const failure = await run('gcc', [...dialect, ...analyser, file], { cwd: native }).catch(
        (error) => error,
      )
      if (failure instanceof Error) return String((failure as { stderr?: string }).stderr)
    }
    return ''
  }

  test('gcc -fanalyzer finds nothing', async () => {
    const files = ['.', 'fork'].flatMap((folder) =>
      readdirSync(join(native, folder)).map((name) => join(folder, name)),
    )
    expect(await analyse(files.filter((name) => name.endsWith('.c')))).toBe('')
  })

  test('positive control: it finds a fault', async () => {
    const directory = temporary()
    const file = join(directory, 'fault.c')
    cpSync(join(repository, 'test/faults/planted-fault.c'), file)
    expect(await analyse([file])).toMatch(/use-after-free/)
  })
})

describe('valgrind', () => {
  requires('cc', 'apt:valgrind')

  // The others fork, trace and enter namespaces, which valgrind does not follow.
  const followed = ['decode', 'network', 'cgroup-limits', 'cgroup-devices', 'seccomp'] as const
  test.each(followed)('finds nothing in the unit tests of %s', async (program) => {
    const path = await buildUnit(program)
    const { stderr } = await run('valgrind', ['--quiet', '--error-exitcode=99', '--trace-children=no', path])
    expect(stderr).toBe('')
  })
})

describe('hardening', () => {
  requires('cc')
  const built = join(repository, `packages/core/prebuilds/linux-${process.arch}`)
  const readelf = async (flag: string, path: string): Promise<string> =>
    (await run('readelf', [flag, '--wide', path])).stdout

  /** What is missing of it in an executable or a library. */
  async function lacks(path: string): Promise<string[]> {
    const [header, segments, dynamic] = await Promise.all(
      ['--file-header', '--program-headers', '--dynamic'].map((flag) => readelf(flag, path)),
    )
    const stack = /GNU_STACK.*/.exec(segments ?? '')?.[0] ?? ''
    return [
      !/Type:\s+DYN/.test(header ?? '') && 'PIE',
      !/GNU_RELRO/.test(segments ?? '') && 'RELRO',
      !/BIND_NOW/.test(dynamic ?? '') && 'immediate binding',
      !/ RW /.test(stack) && 'a stack that is not executable',
      / [RW]*E.*W|RWE/.test(segments ?? '') && 'no segment that is writable and executable',
      !/stack smashing detected/.test(readFileSync(path, 'latin1')) &&
        !/__stack_chk_fail/.test(await readelf('--dyn-syms', path)) &&
        'a stack protector',
    ].filter((missing) => missing !== false)
  }

  test.each(['glovebox-supervisor', 'glovebox-fork.so'])('%s lacks nothing of it', async (name) => {
    expect(await lacks(join(built, name))).toEqual([])
  })

  test('calls that know the size of their buffer are checked', async () => {
    expect(await readelf('--dyn-syms', join(built, 'glovebox-fork.so'))).toMatch(/__\w+_chk\b/)
  })

  test('positive control: a program that is built without lacks all of it', async () => {
    const directory = temporary()
    writeFileSync(join(directory, 'bare.c'), 'int main(void) { return 0; }')
    const bare = join(directory, 'bare')
    const without = ['-no-pie', '-fno-stack-protector', '-Wl,-z,norelro', '-Wl,-z,lazy', '-Wl,-z,execstack']
    await run('cc', [...without, '-o', bare, join(directory, 'bare.c')])
    expect(await lacks(bare)).toEqual([
      'PIE',
      'RELRO',
      'immediate binding',
      'a stack that is not executable',
      'no segment that is writable and executable',
      'a stack protector',
    ])
  })
})

describe('builds', () => {
  requires('cc')

  test('two builds in different directories give the same executable', async () => {
    const hashes = await Promise.all(
      ['first', 'a second with a longer name'].map(async (name) => {
        const root = join(temporary(), name)
        const skipped = join(native, 'build')
        cpSync(native, join(root, 'native'), { recursive: true, filter: (path) => path !== skipped })
        mkdirSync(join(root, 'packages/core'), { recursive: true })
        cpSync(join(repository, 'packages/core/package.json'), join(root, 'packages/core/package.json'))
        await run(process.execPath, [join(root, 'native/build.mjs')])
        const built = join(root, `packages/core/prebuilds/linux-${process.arch}`)
        const names = readdirSync(built).sort()
        return names.map((file) => [
          file,
          createHash('sha256')
            .update(readFileSync(join(built, file)))
            .digest('hex'),
        ])
      }),
    )
    expect(hashes[0]?.map(([file]) => file)).toEqual(['glovebox-fork.so', 'glovebox-supervisor'])
    expect(hashes[1]).toEqual(hashes[0])
  })
})
