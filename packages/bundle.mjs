// @ts-check
/**
 * Puts what a runner's main process imports of Glovebox into one file a package. Node.js takes half a millisecond to load a module, twice as long
 * where a runner has module hooks, and these are 230, zod's sixty languages among them, which nothing here uses. Workers, the template and the commands are
 * loaded from what tsc wrote, as are all types. docs/performance.md has the figures.
 *   node packages/bundle.mjs     after tsc -b; the tests' global set-up does it as well
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const packages = dirname(fileURLToPath(import.meta.url))

/** @typedef {{ entry: string, file: string, licences?: string }} Bundle */

/** @type {readonly Bundle[]} */
const bundles = [
  {
    entry: 'core/dist/adapter.js',
    file: 'core/dist/bundle/adapter.js',
    licences: 'core/dist/bundle/LICENSES.txt',
  },
  { entry: 'vitest-plugin/dist/index.js', file: 'vitest-plugin/dist/bundle.js' },
]

for (const { entry, file, licences } of bundles) {
  const input = await rolldown({
    input: join(packages, entry),
    platform: 'node',
    external: [/^node:/, /^@glovebox\//],
  })
  const { output } = await input.generate({ format: 'esm', codeSplitting: false })
  await input.close()
  const [{ code, modules }] = output
  const ids = Object.keys(modules)
  for (const id of ids) checkPlace(id, join(packages, file))
  write(join(packages, file), code)
  if (licences !== undefined) write(join(packages, licences), licencesOf(ids))
}

/**
 * What a module names relative to itself must be found from the bundle as well.
 * @param {string} id
 * @param {string} file
 */
function checkPlace(id, file) {
  if (!id.startsWith(packages)) return
  const [, from] = /new URL\('(\.\.?\/).*import\.meta\.url/.exec(readFileSync(id, 'utf8')) ?? []
  if (from === undefined || join(dirname(id), from) === join(dirname(file), from)) return
  throw new Error(`${relative(packages, id)} names a file relative to itself, which ${file} is not beside`)
}

/** @param {readonly string[]} ids of modules */
function licencesOf(ids) {
  const folders = ids.map((id) => /^.*\/node_modules\/(@[^/]+\/)?[^/]+(?=\/)/.exec(id)?.[0] ?? [])
  return [...new Set(folders.flat())]
    .sort()
    .map(licenceOf)
    .join(`\n${'-'.repeat(80)}\n\n`)
}

/** @param {string} folder of a package */
function licenceOf(folder) {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.|$)/i.test(entry))
  if (file === undefined) throw new Error(`${name} comes without a licence, so it cannot be bundled`)
  return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
}

/**
 * Not touched if it says that already, and replaced at once: runners that start meanwhile read the one or the other.
 * @param {string} file
 * @param {string} text
 */
function write(file, text) {
  mkdirSync(dirname(file), { recursive: true })
  if (readIfThere(file) === text) return
  const temporary = `${file}.${process.pid}.tmp`
  writeFileSync(temporary, text)
  renameSync(temporary, file)
}

/** @param {string} file */
function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
