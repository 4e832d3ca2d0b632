// @ts-check
/**
 * The native unit tests without Vitest: `node native/test/run.mjs [--sanitize] [PROGRAM...]`, for the loop while editing C.
 * `--fuzz [SECONDS]` runs the fuzzers instead, each for that long, adding nothing to the kept corpora.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  buildFuzzer,
  buildUnit,
  fuzzerArguments,
  fuzzers,
  sanitizerEnvironment,
  unitPrograms,
} from './programs.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { sanitize: { type: 'boolean', default: false }, fuzz: { type: 'boolean', default: false } },
})
process.exitCode = (values.fuzz ? await fuzz(Number(positionals[0] ?? 20)) : await unit(positionals)) ? 0 : 1

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

/** @param {number} seconds */
async function fuzz(seconds) {
  for (const fuzzer of fuzzers) {
    console.log(`# ${fuzzer}`)
    const found = mkdtempSync(join(tmpdir(), 'gbtest-fuzz-'))
    const args = fuzzerArguments(fuzzer, found, seconds)
    const { status } = spawnSync(await buildFuzzer(fuzzer), args, { stdio: 'inherit', cwd: found })
    if (status !== 0) {
      console.log(`the input that broke it is in ${found}`)
      return false
    }
    rmSync(found, { recursive: true })
  }
  return true
}
