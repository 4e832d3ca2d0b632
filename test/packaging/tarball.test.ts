/** What is in the tarballs, seen with the eyes of the tools that read packages. */
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { whyMissing } from '../harness/requires.js'
import { repository } from '../setup/matrix.mjs'
import { type PackageName, pack, packageNames, run, scratchDirectory } from './packages.js'

let scratch: Awaited<ReturnType<typeof scratchDirectory>>
const tarballs = new Map<PackageName, string>()
beforeAll(async () => {
  scratch = await scratchDirectory()
  for (const name of packageNames) tarballs.set(name, await pack(name, join(scratch.path, name)))
})
afterAll(() => scratch[Symbol.asyncDispose]())

/** Jest requires its runners, environments and presets, and takes their `default`; nobody else loads them. */
const byJestsConvention = { publint: 'CJS_WITH_ESMODULE_DEFAULT_EXPORT', attw: 'cjs-only-exports-default' }
const attwOptions = {
  core: ['--profile', 'esm-only'],
  'vitest-plugin': ['--profile', 'esm-only'],
  'jest-env': ['--profile', 'node16', '--ignore-rules', byJestsConvention.attw],
} as const

const tarballOf = (name: PackageName): string => tarballs.get(name) ?? ''

async function entriesOf(name: PackageName): Promise<string[]> {
  const { stdout } = await run('tar', ['-tzf', tarballOf(name)])
  return stdout
    .trim()
    .split('\n')
    .map((entry) => entry.replace(/^package\//, ''))
}

describe.each(packageNames)('%s', (name) => {
  test('carries its licence and its README', async () => {
    expect(await entriesOf(name)).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']))
  })

  test('carries no sources, tests or build records', async () => {
    const unwanted = (await entriesOf(name)).filter((entry) =>
      /^src\/|\.test\.|tsbuildinfo|fixtures/.test(entry),
    )
    expect(unwanted).toEqual([])
  })

  test('publint has nothing to say', async () => {
    const { buffer, byteOffset, byteLength } = await readFile(tarballOf(name))
    const tarball = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true })
    const unexpected = messages.filter(
      ({ code }) => name !== 'jest-env' || code !== byJestsConvention.publint,
    )
    expect(unexpected.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([])
  })

  test('its types resolve as its code does', async () => {
    const attw = join(repository, 'node_modules/.bin/attw')
    // Ends with a status other than 0 if there is a problem.
    await run(attw, [tarballOf(name), '--no-color', ...attwOptions[name]])
  })
})

test('what a main process imports of core is one file, and the licences of what went into it lie beside it', async () => {
  const folder = 'package/dist/bundle'
  await run('tar', ['-xzf', tarballOf('core'), '-C', scratch.path, folder])
  const code = await readFile(join(scratch.path, folder, 'adapter.js'), 'utf8')
  const imported = [...code.matchAll(/^import .* from "([^"]*)"/gm)].map(([, name]) => name)
  expect(imported.filter((name) => !name?.startsWith('node:'))).toEqual([])
  const licences = await readFile(join(scratch.path, folder, 'LICENSES.txt'), 'utf8')
  expect([...licences.matchAll(/^([a-z-]+) \d/gm)].map(([, name]) => name)).toEqual(
    expect.arrayContaining(['console-table-printer', 'jest-docblock', 'picomatch', 'zod']),
  )
})

/** Machine numbers of ELF. */
const architectures = [
  { arch: 'x64', machine: 62 },
  { arch: 'arm64', machine: 183 },
] as const

describe.each(architectures)('the supervisor for linux-$arch', ({ arch, machine }) => {
  const path = `prebuilds/linux-${arch}/glovebox-supervisor`

  test('is in the tarball, executable, and needs no dynamic linker: it runs on glibc and musl', async (context) => {
    const missing = arch === process.arch ? undefined : whyMissing(arch === 'arm64' ? 'cc:arm64' : 'cc')
    context.skip(missing !== undefined, `needs a cross compiler: ${missing}`)
    await run('tar', ['-xzf', tarballOf('core'), '-C', scratch.path, `package/${path}`])
    const file = await open(join(scratch.path, 'package', path))
    const { mode } = await file.stat()
    const image = (await file.readFile()).subarray()
    await file.close()
    expect(mode & 0o111).toBe(0o111)
    expect(image.readUInt16LE(18)).toBe(machine)
    expect(segmentTypes(image)).not.toContain(interpreter)
  })
})

/** PT_INTERP: the segment that names a dynamic linker. */
const interpreter = 3

function segmentTypes(elf: Buffer): number[] {
  const offset = Number(elf.readBigUInt64LE(32))
  const size = elf.readUInt16LE(54)
  return Array.from({ length: elf.readUInt16LE(56) }, (_, index) => elf.readUInt32LE(offset + index * size))
}
