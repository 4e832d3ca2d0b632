import { expect, test } from 'vitest'
import { ENOENT, failureOf, findingsOf } from '../../../../test/cli/simulated-hosts.js'
import { doctorRows, isComplete } from './doctor.js'
import { cases, sysctls } from './doctor-hosts.fixture.js'

test('a host that gives everything has only good rows and is complete', () => {
  const rows = doctorRows(findingsOf())
  expect(rows.filter((row) => row.status !== 'ok').map((row) => row.name)).toEqual(['Jest'])
  expect(isComplete(rows)).toBe(true)
  expect(rows.map((row) => row.name)).toEqual([
    ...['distribution', 'container', 'user', 'systemd'],
    'glovebox-supervisor',
    ...['user', 'pid', 'net', 'mount', 'uts', 'ipc', 'cgroup', 'time'],
    ...['subtree', 'memory', 'cpu', 'pids', 'io', 'cpuset', 'hugetlb'],
    ...['overlay', '/proc', 'emulation', 'seccomp filter'],
    'kernel.apparmor_restrict_unprivileged_userns',
    'kernel.unprivileged_userns_clone',
    'user.max_user_namespaces',
    ...['open files', 'temporary folder', 'Linux', 'Node.js', 'Vitest', 'Jest'],
  ])
})

test('a kernel without an emulator of networks lacks nothing that is promised, but is told of', () => {
  const rows = doctorRows(findingsOf({ broken: { netem: failureOf('network-netem', ENOENT, 'lo') } }))
  expect(isComplete(rows)).toBe(true)
  expect(rows.find((row) => row.name === 'emulation')).toMatchObject({
    status: 'note',
    found: expect.stringMatching(/^by the forwarder; sch_netem: .*ENOENT/),
    cost: expect.stringContaining('forward, allow'),
    remedy: { commands: ['sudo modprobe sch_netem'] },
  })
})

test.each(cases)('$host: the right rows are missing, each with a cost, and the remedy fits', (row) => {
  const rows = doctorRows(findingsOf(row.simulated))
  const missing = rows.filter((candidate) => candidate.status === 'missing')
  expect(missing.map((candidate) => candidate.name).sort()).toEqual([...row.missing].sort())
  expect(missing.every((candidate) => candidate.cost)).toBe(true)
  expect(isComplete(rows)).toBe(false)
  const [name, text] = row.remedy
  const remedy = rows.find((candidate) => candidate.name === name)?.remedy
  expect([remedy?.advice, ...(remedy?.commands ?? [])].join('\n')).toContain(text)
})

test('a restriction that does not hinder the supervisor is no fault', () => {
  const rows = doctorRows(findingsOf({ kind: { sysctls: sysctls({ apparmorRestrictsUserns: 1 }) } }))
  expect(rows.find((row) => row.name.startsWith('kernel.apparmor'))).toMatchObject({
    status: 'ok',
    found: '1, but the supervisor is exempt',
  })
  expect(isComplete(rows)).toBe(true)
})

test('time offsets are optional, so a kernel without them is complete', () => {
  const rows = doctorRows(findingsOf({ broken: { time: failureOf('unshare-time', 22) } }))
  expect(rows.find((row) => row.name === 'time')).toMatchObject({
    status: 'note',
    found: 'unshare-time: EINVAL',
  })
  expect(isComplete(rows)).toBe(true)
})

test('a supervisor that is not there is a row with its own advice', () => {
  const supervisor = { state: 'unavailable', message: 'There is no supervisor\n  Reinstall it' } as const
  const row = doctorRows(findingsOf({ findings: { supervisor } })).find(({ area }) => area === 'supervisor')
  expect(row).toMatchObject({
    status: 'missing',
    found: 'There is no supervisor',
    remedy: { advice: 'Reinstall it' },
  })
})
