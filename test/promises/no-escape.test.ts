/** Promise 7: no known way out. Each attempt works on the host (the control), and is refused in the sandbox with the reason expected. */
import { type AddressInfo, createServer, type ListenOptions, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { createFixture, type Fixture } from '../harness/fixture.js'
import type { Run } from '../harness/run-runner.js'
import { identityOf } from '../harness/users.js'
import { type AnyCell, cells, describeCells, jestCells } from './cells.js'
import { createProject, metaOf, startTests } from './runner.js'

const file = 'attempts.test.js'

const refusals: Record<string, RegExp> = {
  'signal the runner': /^ESRCH/,
  'read the environment of the runner': /^ENOENT/,
  'reach the root directory of the runner': /^ENOENT/,
  "connect to a port of the host's loopback": /^ECONNREFUSED/,
  'connect to an abstract socket of the host': /^ECONNREFUSED/,
  'connect to a socket below /tmp': /^ENOENT/,
  'read ~/.ssh': /^(ENOENT|EACCES)/,
  'make a user namespace': /not permitted/,
  'make a user namespace and mount in it': /not permitted/,
}

const refusalsOfRoot: Record<string, RegExp> = {
  'write into /etc': /^EROFS/,
  'write below /usr': /^EROFS/,
  'write a kernel setting': /^(EROFS|EACCES)/,
  'write into the root cgroup': /^(EROFS|ENOENT|EACCES)/,
  'make a device node': /not permitted/,
  'mount a file system': /not permitted/,
  'enter the mount namespace of the runner': /No such file|not permitted/,
  'enter the UTS namespace of the runner': /No such file|not permitted/,
}

describeCells<AnyCell>([...cells, ...jestCells], (cell, available) => {
  const attempts = cell.as === 'root' ? { ...refusals, ...refusalsOfRoot } : refusals
  let control: Run
  let sandboxed: Run
  beforeAll(async () => {
    if (!available) return
    await using project = await createProject(cell, 'escape')
    await using home = await createFixture({ as: cell.as })
    const host = await openHost(home)
    try {
      control = await startTests(cell, { cwd: project.dir, env: { ...host.env, PLAIN: '1' } }).done
      sandboxed = await startTests(cell, { cwd: project.dir, env: host.env }).done
    } finally {
      host.close()
    }
  })

  test.each(Object.entries(attempts))('%s', (attempt, refusal) => {
    expect(outcomeOf(control, attempt)).toBe('ok')
    expect(outcomeOf(sandboxed, attempt)).toMatch(refusal)
  })

  test('the worker has no new privileges, a filter of system calls, and no capability in any set', () => {
    const status = metaOf(sandboxed, file, 'what the kernel says of this process').status as Record<
      string,
      string
    >
    expect(status).toMatchObject({ NoNewPrivs: '1', Seccomp: '2' })
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
      expect(BigInt(`0x${status[set]}`), set).toBe(0n)
  })
})

interface Host {
  env: Record<string, string>
  close(): void
}

/** What the attempts aim at: servers of the host, and a secret in the home directory. */
async function openHost(home: Fixture): Promise<Host> {
  await home.write({ '.ssh/id_gbtest': 'secret' })
  const name = `gbtest-${process.pid}-${identityOf(home.as).uid}`
  const socket = join(tmpdir(), `${name}.sock`)
  const tcp = createServer()
  const unix = createServer()
  await listen(tcp, { host: '127.0.0.1', port: 0 })
  await listen(unix, { path: socket, readableAll: true, writableAll: true })
  return {
    env: {
      HOST_PORT: String((tcp.address() as AddressInfo).port),
      HOST_ABSTRACT: name,
      HOST_SOCKET: socket,
      HOME: home.dir,
    },
    close: () => {
      for (const server of [tcp, unix]) server.close()
    },
  }
}

function listen(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options, () => resolve())
  })
}

function outcomeOf(run: Run, attempt: string): string {
  return String(metaOf(run, file, attempt).outcome)
}
