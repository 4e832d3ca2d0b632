/** Hosts that lack something, with the kernel's own refusals: a run fails there and names it; warned, it goes on and says so. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { brokenHosts } from '../cli/broken-hosts.js'
import { type CliOptions, cli, glovebox } from '../cli/cli.js'
import { createFixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'

/** `named`: what the error says; `found`: what the doctor does. */
const hosts: { host: string; named: RegExp; found: RegExp; flags?: string }[] = [
  { host: 'noUserNamespaces', named: /max_user_namespaces/, found: /user\.max_user_namespaces/ },
  {
    host: 'noCapabilities',
    named: /mount|AppArmor|CONFIG_USER_NS/,
    found: /mount-private: EACCES|not tried/,
  },
  { host: 'seccomp', named: /seccomp|container/, found: /inherited seccomp filter/ },
  { host: 'maskedProc', named: /\/proc/, found: /partly hidden: \/proc\/meminfo/ },
  { host: 'readOnlyCgroups', named: /cpus/, found: /EROFS|[Rr]ead-only/, flags: '--cpus 0.5' },
]

describe.each(hosts)('$host', ({ host, named, found, flags = '' }) => {
  requires('root', 'cc', 'apt:util-linux')

  async function options(): Promise<CliOptions> {
    const fixture = await createFixture()
    onTestFinished(() => fixture.remove())
    const deny = join(fixture.dir, 'deny-capabilities')
    execFileSync('cc', ['-o', deny, join(import.meta.dirname, 'deny-capabilities.c')])
    const all: Record<string, CliOptions> = {
      ...brokenHosts(fixture.dir),
      noCapabilities: { through: [deny] },
    }
    return all[host] as CliOptions
  }

  test('a run fails, naming what is missing and what to do', async () => {
    const { status, stdout, stderr } = await glovebox(flags, ['echo', 'it ran'], await options())
    expect(status).not.toBe(0)
    expect(stdout).toBe('')
    expect(stderr).toMatch(named)
  })

  test('with onUnsupported warn it goes on, and says so', async () => {
    const { status, stdout, stderr } = await glovebox(
      `${flags} --on-unsupported warn`,
      ['echo', 'it ran'],
      await options(),
    )
    expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: 'it ran\n' })
    expect(stderr).toMatch(/glovebox: /)
  })

  test('the doctor finds it', async () => {
    const { status, stdout } = await cli(['doctor'], await options())
    expect(status).toBe(1)
    expect(stdout).toMatch(found)
  })
})
