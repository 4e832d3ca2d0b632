/** Runners in unusual company: two at once, one that is stopped, one inside an outer cgroup. */
import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { requires } from '../harness/requires.js'
import { waitFor } from '../harness/wait-for.js'
import { allPassed, start } from './runner.js'

describe('runners', () => {
  requires('root')

  test('two at once do not meet', async () => {
    const runners = [await start('fork'), await start('spawn')]
    for (const { outcomes } of runners) expect(await outcomes).toEqual(allPassed)
    for (const { left } of runners) expect(await left()).toEqual([])
  })

  test('one that is stopped goes on where it was', async () => {
    const { child, left, outcomes, text } = await start('fork')
    await waitFor('its first file', () => text().includes('begun'))
    child.kill('SIGSTOP')
    await sleep(1000) // its files are done meanwhile, and wait for it
    child.kill('SIGCONT')
    expect(await outcomes).toEqual(allPassed)
    expect(await left()).toEqual([])
  })

  test('one that is killed while it is stopped leaves nothing', async () => {
    const { child, left, outcomes, text } = await start('fork')
    await waitFor('its first file', () => text().includes('begun'))
    child.kill('SIGSTOP')
    child.kill('SIGKILL')
    await outcomes
    expect(await left()).toEqual([])
  })
})

describe('an outer cgroup', () => {
  requires('root', 'cgroup1')

  test('holds the runner and all sandboxes, under its own limit, and is empty afterwards', async () => {
    const outer = `/sys/fs/cgroup/memory/gbtest-${process.pid}`
    mkdirSync(outer)
    onTestFinished(() => rmdirSync(outer))
    writeFileSync(join(outer, 'memory.limit_in_bytes'), String(2 ** 30))
    const { outcomes, text } = await start('fork', {
      through: ['sh', '-c', `echo $$ > ${outer}/cgroup.procs; exec "$@"`, 'sh'],
    })
    await waitFor('its first file', () => text().includes('begun'))
    expect(readdirSync(outer).filter((name) => name.startsWith('glovebox.'))).toHaveLength(1)
    expect(await outcomes).toEqual(allPassed)
    await waitFor('its end', () =>
      readdirSync(outer).every((name) => !existsSync(join(outer, name, 'tasks'))),
    )
  })
})
