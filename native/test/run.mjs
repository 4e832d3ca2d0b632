// @ts-check
/**
 * The native unit tests without Vitest: `node native/test/run.mjs [--sanitize] [PROGRAM...]`, for the loop while editing C.
 * `--fuzz [SECONDS]` runs the decoder's fuzzer instead, adding nothing to the kept corpus.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildFuzzer, buildUnit, sanitizerEnvironment, unitPrograms } from './programs.mjs'

const here = dirname(fileURLToPath(import.meta.url))

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { sanitize: { type: 'boolean', default: false }, fuzz: { type: 'boolean', default: false } },
})
process.exitCode = (values.fuzz ? await fuzz(positionals[0] ?? '20') : await unit(positionals)) ? 0 : 1

/** @param {readonly string[]} names */
async function unit(names) {
  let passed = true
  for (const program of unitPrograms) {
    if (names.length > 0 && !names.includes(program)) continue
    console.log(`# ${program}`)
    const path = await buildUnit(program, values.sanitize ? 'sanitized' : 'plain')
    const env = { ...process.env, ...sanitizerEnvironment }
    passed = spawnSync(path, [], { stdio: 'inherit', env }).status === 0 && passed
  }
  return passed
}

/** @param {string} seconds */
async function fuzz(seconds) {
  const found = mkdtempSync(join(tmpdir(), 'gbtest-fuzz-'))
  const args = [`-max_total_time=${seconds}`, `-dict=${join(here, 'decode.dict')}`, '-max_len=8192', found]
  const { status } = spawnSync(await buildFuzzer(), [...args, join(here, 'corpus')], {
    stdio: 'inherit',
    cwd: found,
  })
  if (status === 0) rmSync(found, { recursive: true })
  else console.log(`the input that broke it is in ${found}`)
  return status === 0
}
