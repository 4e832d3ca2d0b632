/** The tests that say "nothing is left" are worth what this detector sees. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { leftovers, snapshot } from './leftovers.js'
import { requires } from './requires.js'
import { waitFor } from './wait-for.js'

const marker = `leftovers-${process.pid}`

test('a process of the run is seen, though it is in a session of its own', async () => {
  const before = snapshot()
  const child = spawn('setsid', ['sleep', '100'], { env: { ...process.env, GLOVEBOX_TEST_RUN: marker } })
  onTestFinished(() => void child.kill('SIGKILL'))
  const line = await waitFor('the process', () =>
    leftovers(before, marker).find((each) => each.endsWith(' sleep 100') && !each.includes('setsid')),
  )
  expect(line).toMatch(/^process \d+ sleep 100$/)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(leftovers(before, marker)).toEqual([])
})

test('a run directory is seen, unless somebody listens in it', async () => {
  const before = snapshot()
  const path = mkdtempSync(join(tmpdir(), 'glovebox-'))
  onTestFinished(() => rmdirSync(path))
  expect(leftovers(before, marker)).toEqual([`directory ${path}`])
  const server = createServer().listen(join(path, 'socket'))
  await once(server, 'listening')
  expect(leftovers(before, marker)).toEqual([])
  server.close()
  await once(server, 'close')
})

describe('a cgroup', () => {
  requires('root', 'cgroup1')

  test('is seen if its owner is dead, and left alone if it is alive', async () => {
    const before = snapshot()
    const parent = join('/sys/fs/cgroup/pids', `gbtest-${process.pid}`)
    const dead = spawn('true')
    await once(dead, 'exit')
    const orphaned = join(parent, `glovebox.${dead.pid}-test`)
    const owned = join(parent, `glovebox.${process.pid}-test`)
    for (const path of [parent, orphaned, owned]) mkdirSync(path)
    onTestFinished(() => {
      for (const path of [orphaned, owned, parent]) rmdirSync(path)
    })
    expect(leftovers(before, marker)).toEqual([`cgroup ${orphaned}`])
  })
})
