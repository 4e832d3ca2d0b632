/** A limit of processes that holds for the runner and all its sandboxes: told as what it is, not as the file's own. */
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { FileRecord } from '../../packages/core/dist/adapter.js'
import { play } from '../api/session.js'
import { requires } from '../harness/requires.js'

/** More than a runner, its supervisor and a worker have, and less than these and the 40 processes that the scenario starts. */
const most = 64

/** A file that fails because processes were refused to it. */
async function refusedFile(
  role: 'root' | 'user',
  worker: string,
  through: readonly string[],
): Promise<FileRecord> {
  const options = { worker, onUnsupported: 'warn', limits: { pids: 512, memory: '256MiB' } }
  const { output } = await play<FileRecord & { result: boolean }>(role, 'pids', { options, through })
  expect(output.result).toBe(true)
  return output
}

describe('a cgroup of the runner', () => {
  requires('root', 'cgroup1')

  test.each(['fork', 'spawn'])('is named with its limit and how much was in use: %s', async (worker) => {
    const outer = `/sys/fs/cgroup/pids/gbtest-${process.pid}`
    mkdirSync(outer)
    onTestFinished(() => rmdirSync(outer))
    writeFileSync(join(outer, 'pids.max'), String(most))
    const enter = ['sh', '-c', `echo $$ > ${outer}/cgroup.procs; exec "$@"`, 'sh']
    const { verdict, usage } = await refusedFile('root', worker, enter)
    expect(verdict).toEqual({
      kind: 'outer-pids-limit',
      limit: 512,
      peak: expect.any(Number),
      refused: expect.any(Number),
      outer: { name: join(outer, 'pids.max'), limit: most, used: most },
    })
    expect(usage.pidsPeak).toBeLessThan(most)
  })
})

describe('an rlimit of the user', () => {
  requires('user', 'apt:util-linux')

  test('is named', async () => {
    const { verdict } = await refusedFile('user', 'fork', ['prlimit', `--nproc=${most}:${most}`])
    expect(verdict).toMatchObject({ kind: 'outer-pids-limit', outer: { name: 'RLIMIT_NPROC', limit: most } })
  })
})
