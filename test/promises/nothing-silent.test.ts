/** Promise 5: where the host cannot give an isolation, the run fails and says what to do, unless the user chose to be warned. */
import { expect, test } from 'vitest'
import type { Run } from '../harness/run-runner.js'
import { type AnyCell, cells, describeCells, jestCells } from './cells.js'
import { calmProject, startTests } from './runner.js'

describeCells<AnyCell>([...cells, ...jestCells], (cell) => {
  test('no user namespaces: the run fails, naming what is missing and the remedy', async () => {
    const run = await runWhere(cell, 'no namespaces', '{}')
    expect(run.code).toBe(1)
    expect(outputOf(run)).toMatch(/GLOVEBOX_UNSUPPORTED_HOST/)
    expect(outputOf(run)).toMatch(/user namespace/i)
    expect(outputOf(run)).toMatch(/max_user_namespaces/)
  })

  test('no user namespaces, onUnsupported warn: the files run, and the run says that they are not sandboxed', async () => {
    const run = await runWhere(cell, 'no namespaces', `{ onUnsupported: 'warn' }`)
    expect(run.code).toBe(0)
    expect(run.report?.numPassedTests).toBe(1)
    expect(outputOf(run)).toMatch(/not sandboxed|without (a )?sandbox|unsandboxed/i)
  })

  test('positive control: the same project passes on this host, sandboxed and without a word', async () => {
    const run = await runWhere(cell, 'this host', '{}')
    expect(run.code).toBe(0)
    expect(outputOf(run)).not.toMatch(/GLOVEBOX_|sandboxed/)
  })
})

describeCells<AnyCell>(
  [...cells, ...jestCells].filter(({ as }) => as === 'user'),
  (cell) => {
    test('a cpu limit that cannot be enforced fails the run, naming the limit', async () => {
      const run = await runWhere(cell, 'this host', '{ limits: { cpus: 0.5 } }')
      expect(run.code).toBe(1)
      expect(outputOf(run)).toMatch(/GLOVEBOX_UNSUPPORTED_HOST/)
      expect(outputOf(run)).toMatch(/limits\.cpus/)
    })

    test('the same with onUnsupported warn: the files run, and the run names the limit', async () => {
      const run = await runWhere(cell, 'this host', `{ onUnsupported: 'warn', limits: { cpus: 0.5 } }`)
      expect(run.code).toBe(0)
      expect(outputOf(run)).toMatch(/cpus/)
    })
  },
)

async function runWhere(cell: AnyCell, host: 'this host' | 'no namespaces', options: string): Promise<Run> {
  await using project = await calmProject(cell, options)
  const { done } = startTests(cell, {
    cwd: project.dir,
    ...(host === 'no namespaces' && { wrapper: withoutNamespaces }),
  })
  return await done
}

/** The sysctl counts per user namespace: in one of its own, root may forbid what the host allows. */
const withoutNamespaces = [
  'unshare',
  '--user',
  '--map-root-user',
  'sh',
  '-c',
  'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"',
  'sh',
] as const

function outputOf({ stdout, stderr }: Run): string {
  return `${stdout}\n${stderr}`
}
