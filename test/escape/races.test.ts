/** A file that swaps directories for symlinks, over and over, while others have them bound into their sandboxes and copied back to. */
import { chownSync, mkdirSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { requires } from '../harness/requires.js'
import { identityOf, type Role } from '../harness/users.js'
import { driven } from './driven.js'
import { openHost } from './targets.js'

interface Races {
  /** `ok`: the secret was read. */
  outcomes: string[]
  /** Whether who went by the path read it. */
  led: boolean
}

describe.each<Role>(['root', 'user'])('as %s', (role) => {
  requires(role, 'cc')

  test('no sandbox shows what the symlinks lead to, nothing is copied there, and the host is led there', async () => {
    const host = await openHost(role)
    onTestFinished(() => host[Symbol.asyncDispose]())
    const { outside, project, secret } = host.targets
    const { uid, gid } = identityOf(role)
    for (const directory of [join(outside, 'shown'), join(project, 'snapshots')]) {
      mkdirSync(directory)
      chownSync(directory, uid, gid)
    }
    const before = readdirSync(dirname(secret))
    const { outcomes, led } = await driven<Races>(role, 'races-driver.mjs', {}, host)
    expect(led).toBe(true)
    expect(outcomes.sort()).toEqual(['ENOENT', 'refused'])
    expect(readdirSync(dirname(secret))).toEqual(before)
  })
})
