/** `glovebox doctor` on this host, and on hosts made worse for the purpose. */
import { readdirSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Row } from '../../packages/core/src/host/doctor.js'
import { createFixture, type Fixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import { identityOf } from '../harness/users.js'
import { brokenHosts } from './broken-hosts.js'
import { type CliOptions, cli } from './cli.js'

interface Report {
  status: number | null
  complete: boolean
  rows: Row[]
}

async function doctor(options: CliOptions = {}): Promise<Report> {
  const { status, stdout, stderr } = await cli(['doctor', '--json'], options)
  try {
    return { status, ...(JSON.parse(stdout) as Omit<Report, 'status'>) }
  } catch {
    throw new Error(`no report in\n${stdout}\n${stderr}`)
  }
}

const namesOf = (rows: Row[], status: Row['status']): string[] =>
  rows.filter((row) => row.status === status).map((row) => row.name)
const supervisorOf = (rows: Row[]): Row | undefined => rows.find((row) => row.area === 'supervisor')
const namespaces = ['user', 'pid', 'net', 'mount', 'uts', 'ipc', 'cgroup']

describe('this host, as root', () => {
  requires('root', 'cgroup1')

  test('has everything that is promised, so the exit status is 0', async () => {
    const { status, complete, rows } = await doctor()
    expect(namesOf(rows, 'missing')).toEqual([])
    expect({ status, complete }).toEqual({ status: 0, complete: true })
    expect(namesOf(rows, 'ok')).toEqual(
      expect.arrayContaining([...namespaces, 'memory', 'cpu', 'pids', 'io', 'overlay']),
    )
  })

  test('is shown as a table that says so', async () => {
    const { status, stdout } = await cli(['doctor'])
    expect(stdout).toMatch(/^namespaces\n {2}ok +user +works$/m)
    expect(stdout).toContain('All promised isolation is available.')
    expect(status).toBe(0)
  })

  test('with Vitest and Node.js as found from the current directory', async () => {
    const { rows } = await doctor({ cwd: join(import.meta.dirname, '../..') })
    expect(rows.find((row) => row.name === 'Vitest')).toMatchObject({
      status: 'ok',
      found: expect.stringMatching(/^4\.1/),
    })
    expect(rows.find((row) => row.name === 'Node.js')?.found).toBe(process.versions.node)
  })
})

describe('this host, as an ordinary user on cgroup v1', () => {
  requires('user', 'cgroup1')

  test('has every namespace but no cgroup, says what that costs and what to type, and the exit status is 1', async () => {
    const { status, complete, rows } = await doctor({ as: 'user' })
    expect(namesOf(rows, 'missing').sort()).toEqual(['cpu', 'io', 'memory', 'pids'])
    expect(namesOf(rows, 'ok')).toEqual(expect.arrayContaining([...namespaces, 'overlay', 'seccomp filter']))
    expect({ status, complete }).toEqual({ status: 1, complete: false })
    const memory = rows.find((row) => row.name === 'memory')
    expect(memory?.cost).toMatch(/sampled/)
    expect(memory?.remedy?.commands.length).toBeGreaterThan(0)
  })

  test('the table ends with the remedies', async () => {
    const { stdout } = await cli(['doctor'], { as: 'user' })
    expect(stdout).toMatch(
      /memory, cpu, .* \(cgroups\): v1, not delegated\n {2}cost: [\s\S]*\n {2}remedy: .*\n {4}\S/,
    )
    expect(stdout).toContain('Some promised isolation is not available here')
  })
})

describe('the remedy for an ordinary user on cgroup v1', () => {
  requires('root', 'user', 'cgroup1')

  test('works when it is typed: everything is available afterwards', async () => {
    const { rows } = await doctor({ as: 'user' })
    const remedy = rows.find((row) => row.name === 'memory')?.remedy?.commands.join(' && ')
    const { uid, gid, name } = identityOf('user')
    // As root, who needs no sudo; then as the user, in the shell that the remedy moved.
    const script = `sudo() { "$@"; }\n{ ${remedy}; } >/dev/null && exec setpriv --reuid ${uid} --regid ${gid} --clear-groups "$@"`
    try {
      const repaired = await doctor({ through: ['sh', '-c', script, 'sh'], env: { HOME: '/tmp' } })
      expect(namesOf(repaired.rows, 'missing')).toEqual([])
      expect(repaired.status).toBe(0)
    } finally {
      for (const hierarchy of readdirSync('/sys/fs/cgroup'))
        removeGroup(`/sys/fs/cgroup/${hierarchy}/${name}`)
    }
  })
})

function removeGroup(path: string): void {
  try {
    rmdirSync(path)
  } catch {
    // not one that the remedy made
  }
}

describe('worse hosts', () => {
  const able = requires('root', 'cc', 'apt:util-linux')
  let fixture: Fixture
  let hosts: ReturnType<typeof brokenHosts>

  beforeAll(async () => {
    if (!able) return
    fixture = await createFixture()
    hosts = brokenHosts(fixture.dir)
  })
  afterAll(() => {
    if (able) rmSync(fixture.dir, { recursive: true, force: true })
  })

  test('user namespaces forbidden: each namespace is missing, and the sysctl is named', async () => {
    const { status, rows } = await doctor(hosts.noUserNamespaces)
    expect(status).toBe(1)
    expect(namesOf(rows, 'missing')).toEqual(
      expect.arrayContaining([...namespaces, 'user.max_user_namespaces']),
    )
    expect(supervisorOf(rows)?.remedy?.commands.join()).toContain('sysctl -w user.max_user_namespaces=')
  })

  test('a seccomp filter that refuses namespaces is found out', async () => {
    const { status, rows } = await doctor(hosts.seccomp)
    expect(status).toBe(1)
    expect(supervisorOf(rows)).toMatchObject({
      name: 'glovebox-supervisor',
      status: 'missing',
      found: expect.stringMatching(/EPERM/),
    })
    expect(namesOf(rows, 'note')).toContain('inherited seccomp filter')
  })

  test('a /proc that is partly hidden is the reason why the supervisor does not start', async () => {
    const { status, rows } = await doctor(hosts.maskedProc)
    expect(rows.find((row) => row.name === 'glovebox-supervisor')?.found).toBe('mount-proc: EPERM on /proc')
    expect(rows.find((row) => row.name === '/proc')).toMatchObject({
      status: 'missing',
      found: 'partly hidden: /proc/meminfo',
    })
    expect(status).toBe(1)
  })

  test('read-only cgroups: every controller is missing, the namespaces work', async () => {
    const { status, rows } = await doctor(hosts.readOnlyCgroups)
    expect(namesOf(rows, 'missing').sort()).toEqual(['cpu', 'io', 'memory', 'pids'])
    expect(rows.find((row) => row.name === 'subtree')?.found).toMatch(/EROFS|[Rr]ead-only/)
    expect(status).toBe(1)
  })

  // As few as the command starts with at all: it must not need more of them for loading what the doctor does not use.
  test.each([64, 100])('too few descriptors: %i', async (few) => {
    const { status, rows } = await doctor({ through: ['prlimit', `--nofile=${few}:${few}`] })
    expect(rows.find((row) => row.name === 'open files')).toMatchObject({
      status: 'missing',
      found: `${few}, at least 256 needed`,
    })
    expect(status).toBe(1)
  })

  test('no space in the temporary folder', async () => {
    const { status, rows } = await doctor(hosts.fullTemp)
    expect(rows.find((row) => row.name === 'temporary folder')).toMatchObject({
      status: 'missing',
      found: expect.stringContaining('ENOSPC'),
    })
    expect(status).toBe(1)
  })

  test('no supervisor', async () => {
    const { status, rows } = await doctor({ env: { GLOVEBOX_SUPERVISOR: '/nowhere/supervisor' } })
    expect(supervisorOf(rows)).toMatchObject({
      status: 'missing',
      found: expect.stringContaining('/nowhere/supervisor'),
    })
    expect(status).toBe(1)
  })
})
