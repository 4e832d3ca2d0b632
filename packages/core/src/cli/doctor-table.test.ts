import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { findingsOf, noCgroup } from '../../../../test/cli/simulated-hosts.js'
import { doctorRows, isComplete } from '../host/doctor.js'
import { doctorTable } from './doctor-table.js'

function shown(host: Parameters<typeof findingsOf>[0]): string {
  const rows = doctorRows(findingsOf(host))
  return stripVTControlCharacters(doctorTable(rows, isComplete(rows)))
}

test('each row has a line, each fault a cost and what to type, and the last line is the verdict', () => {
  expect(
    shown({ hello: { controllers: ['memory', 'cpu', 'cpuset', 'pids', 'hugetlb'] } }),
  ).toMatchInlineSnapshot(`
    "host
      ok       distribution                                  debian 12
      ok       container                                     none
      ok       user                                          ada
      ok       systemd                                       with a user session
    supervisor
      ok       glovebox-supervisor                           0.1.0, protocol 1
    namespaces
      ok       user                                          works
      ok       pid                                           works
      ok       net                                           works
      ok       mount                                         works
      ok       uts                                           works
      ok       ipc                                           works
      ok       cgroup                                        works
      ok       time                                          works
    cgroups
      ok       subtree                                       /user.slice/glovebox.1
      ok       memory                                        v2, delegated
      ok       cpu                                           v2, delegated
      ok       pids                                          v2, delegated
      MISSING  io                                            v2, not delegated
      ok       cpuset                                        v2, delegated
      ok       hugetlb                                       v2, delegated
    file systems
      ok       overlay                                       works
      ok       /proc                                         not hidden
    network
      ok       emulation                                     by the kernel (sch_netem)
    restrictions
      ok       seccomp filter                                works
      ok       kernel.apparmor_restrict_unprivileged_userns  this kernel has no such setting
      ok       kernel.unprivileged_userns_clone              this kernel has no such setting
      ok       user.max_user_namespaces                      100000
    resources
      ok       open files                                    1048576
      ok       temporary folder                              /tmp, 1 GiB free
    software
      ok       Linux                                         6.8.0-45-generic
      ok       Node.js                                       20.20.2
      ok       Vitest                                        4.1.12
      -        Jest                                          none in this folder

    io (cgroups): v2, not delegated
      cost: limits.io cannot be enforced
      remedy: systemd does not delegate io to users; make it, then log in again
        sudo mkdir -p /etc/systemd/system/user@.service.d
        printf '[Service]\\nDelegate=cpu cpuset io memory pids\\n' | sudo tee /etc/systemd/system/user@.service.d/delegate.conf
        sudo systemctl daemon-reload

    Some promised isolation is not available here; \`onUnsupported: "warn"\` runs without it and says so.
    "
  `)
})

test('what rows have in common is said once', () => {
  const text = shown({ hello: noCgroup })
  expect(text.match(/systemd-run --user --scope/g)).toHaveLength(1)
  expect(text).toMatch(/memory, cpu, pids, io, cpuset, hugetlb \(cgroups\)/)
})
