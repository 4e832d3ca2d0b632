/** Whole sandboxes made by a supervisor that AddressSanitizer and UndefinedBehaviorSanitizer watch: what they find ends it. */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Ending } from '@glovebox/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { play } from '../api/session.js'
import { requires } from '../harness/requires.js'
import { repository } from '../setup/matrix.mjs'

const run = promisify(execFile)
const supervisor = join(repository, 'native/build/glovebox-supervisor-sanitized')

describe('under sanitizers', () => {
  const supported = requires('cc', 'root')
  let results: Record<string, { ending: Ending; cause: Ending['cause']; error?: string; message?: string }> =
    {}
  let reports: string[] = []

  beforeAll(async () => {
    if (!supported) return
    await run('node', [join(repository, 'native/build.mjs'), '--sanitize'])
    const directory = await mkdtemp(join(tmpdir(), 'gbtest-asan-'))
    try {
      const file = join(directory, 'result')
      const log = `log_path=${join(directory, 'report')}:detect_leaks=0`
      await run('node', [join(repository, 'test/cgroup2/guest.mjs'), file], {
        env: { ...process.env, GLOVEBOX_SUPERVISOR: supervisor, ASAN_OPTIONS: log, UBSAN_OPTIONS: log },
      })
      results = JSON.parse(await readFile(file, 'utf8')).results
      const logs = (await readdir(directory)).filter((name) => name.startsWith('report'))
      reports = await Promise.all(logs.map((name) => readFile(join(directory, name), 'utf8')))
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  })

  test('nothing is reported', () => {
    expect(reports).toEqual([])
  })

  test.each([
    ['measured', 'exit'],
    ['memory of the command', 'memory'],
    ['memory of files', 'memory'],
    ['memory to spare', 'exit'],
    ['pids', 'exit'],
    ['timeout', 'timeout'],
  ])('%s: %s', (name, cause) => {
    expect(results[name]?.ending.cause, JSON.stringify(results[name])).toEqual({ kind: cause })
  })

  test.each([
    ['pause and resume', 'killed'],
    ['kill with orphans', 'killed'],
    ['supervisor killed', 'supervisor-died'],
    ['supervisor killed while all is frozen', 'supervisor-died'],
  ])('%s: %s', (name, cause) => {
    expect(results[name]?.cause, JSON.stringify(results[name])).toMatchObject({ kind: cause })
  })

  test.each(['messages', 'atOnce'])('a session with workers: %s', async (scenario) => {
    const { status, stderr } = await play('root', scenario, {
      env: { GLOVEBOX_SUPERVISOR: supervisor, ASAN_OPTIONS: 'detect_leaks=0' },
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })
})
