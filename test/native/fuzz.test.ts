/** A bounded run of the decoder's fuzzer over its kept corpus; `node native/test/run.mjs --fuzz 3600` runs it for longer. */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildFuzzer } from '../../native/test/programs.mjs'
import { requires } from '../harness/requires.js'
import { repository } from '../setup/matrix.mjs'

const run = promisify(execFile)
const sources = join(repository, 'native/test')

describe('the fuzzer of the decoder', () => {
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
    const options = ['-max_len=8192', `-max_total_time=${seconds}`, `-dict=${join(sources, 'decode.dict')}`]
    return run(program, [...options, found, join(sources, 'corpus')], { cwd: found, timeout: 100_000 })
  }

  test('finds nothing in a bounded run', async () => {
    const { stderr } = await fuzz(await buildFuzzer(), 20)
    expect(stderr).toMatch(/Done \d+ runs/)
  })

  test('finds a fault that is planted', async () => {
    await expect(fuzz(await buildFuzzer('planted'), 60)).rejects.toThrow(/deadly signal/)
  })

  test('has a corpus', async () => {
    expect((await readdir(join(sources, 'corpus'))).length).toBeGreaterThan(10)
  })
})
