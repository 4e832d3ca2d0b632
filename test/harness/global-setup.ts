/** Runs once before the first file: the bundles, the matrix of runners, and an ordinary user where root runs the tests. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { installMatrix, repository } from '../setup/matrix.mjs'
import { whyMissing } from './requires.js'
import { addUser, type Identity, removeUser, sweepUsers } from './users.js'

export default async function setup(root: TestProject): Promise<(() => void) | undefined> {
  // So that what imports a package by its name gets what `tsc -b` has just written.
  execFileSync(process.execPath, [join(repository, 'packages/bundle.mjs')], { stdio: 'inherit' })
  const endToEnd = root.vitest.projects.some((project) => project.name !== 'unit')
  if (!endToEnd) {
    root.provide('ordinaryUser', null)
    return
  }
  const failures = await installMatrix((line) => console.error(`set-up: ${line}`))
  for (const line of failures) console.error(`set-up: not available: ${line}`)
  const user = makeUser()
  root.provide('ordinaryUser', user ?? null)
  if (!user) return
  let removed = false
  const remove = () => {
    if (!removed) removeUser(user)
    removed = true
  }
  process.once('exit', remove) // a run that ends through process.exit skips the teardown
  return remove
}

function makeUser(): Identity | undefined {
  if (process.getuid?.() !== 0 || whyMissing('user') !== undefined) return
  sweepUsers()
  return addUser()
}
