/** Bounded runs of the fuzzers over their kept corpora; `npm run fuzz` runs each for ten minutes. */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildFuzzer, type Fuzzer, fuzzerArguments, fuzzers } from '../../native/test/programs.mjs'
import { requires } from '../harness/requires.js'

const run = promisify(execFile)

describe.each(fuzzers)('the fuzzer: %s', (fuzzer: Fuzzer) => {
  const supported = requires('apt:clang', 'apt:libclang-rt-14-dev')
  let directory: string

  beforeAll(async () => {
    if (supported) directory = await mkdtemp(join(tmpdir(), 'gbtest-fuzz-'))
  })
  afterAll(async () => {
    if (supported) await rm(directory, { recursive: true, force: true })
  })

  const fuzz = async (program: string, seconds: number) => {
    const found = await mkdtemp(join(directory, 'found-'))
    return run(program, fuzzerArguments(fuzzer, found, seconds), { cwd: found, timeout: 100_000 })
  }

  test('finds nothing in a bounded run', async () => {
    const { stderr } = await fuzz(await buildFuzzer(fuzzer), 10)
    expect(stderr).toMatch(/Done \d+ runs/)
  })

  test('finds a fault that is planted', async () => {
    await expect(fuzz(await buildFuzzer(fuzzer, 'planted'), 60)).rejects.toThrow(/deadly signal/)
  })

  test('has a corpus', async () => {
    const kept = fuzzerArguments(fuzzer, '', 0).at(-1) ?? ''
    expect((await readdir(kept)).length).toBeGreaterThan(7)
  })
})
