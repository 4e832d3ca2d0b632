import { extract, parse } from 'jest-docblock'
import type { ParsedFileOptions } from './parsed-options.js'
import { configError, type Problem, toProblems } from './problems.js'
import { fileOptionsSchema } from './schema.js'
import { settingNames, settingsToOptions } from './settings.js'
import { suggestion } from './suggest.js'

const prefix = 'glovebox'

/** What a file's docblock asks for. */
export interface Docblock {
  options: ParsedFileOptions
  /** Line of each pragma, by its name without prefix: `memory` → 3. */
  lines: ReadonlyMap<string, number>
  warnings: readonly string[]
}

/** Of most files. */
const none: Docblock = { options: {}, lines: new Map(), warnings: [] }

/**
 * Reads the pragmas of a test file: `@glovebox-memory 256MiB`, one a key, in the first comment of the file (as Jest and
 * Vitest have it; a shebang line may precede it). Throws GLOVEBOX_CONFIG naming file, line, key, value and the nearest key.
 */
export function readDocblock(contents: string, file: string): Docblock {
  if (!contents.includes(`@${prefix}`)) return none
  const comment = extract(contents.replace(/^\uFEFF?#!.*/, ''))
  const pragmas = Object.entries(parse(comment)).flatMap(([key, values]) =>
    key.startsWith(prefix)
      ? [values].flat().map((value, index) => ({ key, value: value.trim(), index }))
      : [],
  )
  const lines = new Map<string, number>()
  const problems = pragmas.flatMap(({ key, value, index }) => {
    const line = lineOf(contents, key, index)
    const name = key.slice(prefix.length + 1)
    if (!lines.has(name)) lines.set(name, line)
    return pragmaProblems(name, key, value).map((problem) => ({ ...problem, key: `line ${line}: @${key}` }))
  })
  problems.push(...contradictions(lines))
  if (problems.length > 0) throw configError(file, problems)
  const entries = pragmas.map(({ key, value }) => ({ name: key.slice(prefix.length + 1), value }))
  return {
    options: fileOptionsSchema.parse(settingsToOptions(entries)),
    lines,
    warnings: misplaced(contents, comment, file),
  }
}

function pragmaProblems(name: string, key: string, value: string): Problem[] {
  if (key !== `${prefix}-${name}` || !settingNames.includes(name)) {
    const hint = suggestion(name, settingNames).replace(/"(.+)"/, `"@${prefix}-$1"`)
    return [{ key, message: `unknown pragma; ${hint}` }]
  }
  if (value === '') return [{ key, message: 'needs a value on the same line' }]
  const raw = settingsToOptions([{ name, value }])
  const result = fileOptionsSchema.safeParse(raw)
  return result.success
    ? []
    : toProblems(result.error, raw).map((problem) => ({ ...problem, key, value: { shown: value } }))
}

/** A word for the whole network, and what is let through, would each take the other's place. */
function contradictions(lines: ReadonlyMap<string, number>): Problem[] {
  const part = ['forward', 'allow', 'on-blocked'].find((name) => lines.has(name))
  if (part === undefined || !lines.has('network')) return []
  const message = `contradicts @${prefix}-network in line ${lines.get('network')}. Leave one of them out`
  return [{ key: `line ${lines.get(part)}: @${prefix}-${part}`, message }]
}

/** Line of the n-th mention (from 0) of a pragma. */
function lineOf(contents: string, key: string, n: number): number {
  const mentions = contents
    .split('\n')
    .flatMap((text, index) => (new RegExp(`@${key}(?!\\S)`).test(text) ? [index + 1] : []))
  return mentions[n] ?? 1
}

/** Pragmas in the comments above the code that nobody reads, since a comment precedes theirs. */
function misplaced(contents: string, docblock: string, file: string): string[] {
  const preamble = /^\uFEFF?(#!.*)?(\s|\/\/.*|\/\*[\s\S]*?\*\/)*/.exec(contents)?.[0] ?? ''
  const ignored = [...preamble.replace(docblock, '').matchAll(/(?:^|[\s*/])@(glovebox\S*)/g)]
  return ignored.map(
    ([, key = '']) =>
      `${file}: line ${lineOf(contents, key, 0)}: @${key} is ignored, since pragmas count only in the first comment of a file, which must be a block comment. Move it to the top.`,
  )
}
