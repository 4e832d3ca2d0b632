/** A host that runs out of something while a runner is at work, cgroups that cannot be removed: said or coped with, and nothing hangs. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { descendants, isFirstOfNamespace } from '../harness/leftovers.js'
import { requires } from '../harness/requires.js'
import { waitFor } from '../harness/wait-for.js'
import { buildSupervisor, SupervisorDriver } from '../native/supervisor-driver.js'
import { passed, start } from './runner.js'

const { EMFILE, EAGAIN } = constants.errno

const ready = requires('root')
beforeAll(() => {
  if (ready) buildSupervisor('plain')
})

async function launch(): Promise<{ driver: SupervisorDriver; supervisor: number }> {
  const driver = await SupervisorDriver.launch('root')
  onTestFinished(() => void driver.close())
  const [supervisor] = descendants(driver.process.pid as number).filter(isFirstOfNamespace)
  return { driver, supervisor: supervisor as number }
}

describe('descriptors', () => {
  requires('apt:util-linux')

  const limit = (pid: number, files: number) =>
    execFileSync('prlimit', ['--pid', String(pid), `--nofile=${files}:4096`])

  test('without one that is free no sandbox is made, those that run go on, and the next one is made when some are free again', async () => {
    const { driver, supervisor } = await launch()
    // Several, so that more descriptors are in use than a poll of them all may name at once.
    for (const sandbox of ['before', 'b', 'c', 'd']) {
      expect((await driver.create(sandbox)).type).toBe('reply')
      await driver.start(sandbox, ['sleep', '1000'])
    }
    const used = Math.max(...readdirSync(`/proc/${supervisor}/fd`).map(Number))
    // From none to nearly enough: each step of making a sandbox is the first that gets none.
    for (let free = 0; free < 12; free++) {
      limit(supervisor, used + 1 + free)
      const refused = await driver.create(`with-${free}`)
      if (refused.type === 'reply') await driver.request('destroy', [['sandbox', `with-${free}`]])
      else expect(refused.get('errno'), refused.records.join(' ')).toBe(String(EMFILE))
    }
    limit(supervisor, 1024)
    expect((await driver.create('after')).type).toBe('reply')
    await driver.request('kill', [['sandbox', 'before']])
    expect((await driver.event('before')).get('cause')).toBe('killed')
    await driver.close()
    expect(existsSync(driver.runDir)).toBe(false)
  })
})

describe('processes', () => {
  requires('cgroup1')

  /** A cgroup for the runner, whose own limit stands for a full table of processes. */
  function outer(): string {
    const path = `/sys/fs/cgroup/pids/gbtest-${process.pid}`
    mkdirSync(path)
    onTestFinished(() => waitFor('its last process', () => isRemoved(path)).then(() => {}))
    return path
  }

  test('without room for one more a sandbox is refused with EAGAIN, and made when there is room again', async () => {
    const path = outer()
    const { driver, supervisor } = await launch()
    writeFileSync(join(path, 'cgroup.procs'), String(supervisor))
    const most = join(path, 'pids.max')
    writeFileSync(most, '1')
    const refused = await driver.create('refused')
    expect([refused.get('stage'), refused.get('errno')]).toEqual(['clone', String(EAGAIN)])
    writeFileSync(most, 'max')
    expect((await driver.create('made')).type).toBe('reply')
    await driver.close()
  })

  test('a table that fills up while files run costs files, not the runner, and no file passes that was not done', async () => {
    const path = outer()
    const { child, outcomes, left, text } = await start('spawn', {
      timeout: '3s', // some of Node.js' own threads are missing, and it waits for them
      through: ['sh', '-c', `echo $$ > ${path}/cgroup.procs; exec "$@"`, 'sh'],
    })
    await waitFor('its first file', () => text().includes('begun'))
    writeFileSync(join(path, 'pids.max'), readFileSync(join(path, 'pids.current'), 'utf8'))
    const all = await outcomes
    expect(child.exitCode).toBe(0)
    expect(all).toHaveLength(6)
    for (const outcome of all) if (outcome.verdict?.kind === 'passed-through') expect(outcome).toEqual(passed)
    expect(await left()).toEqual([])
  })
})

describe('the disk', () => {
  requires('apt:util-linux')

  test('a temporary folder that is full from the start is said with ENOSPC and its path', async () => {
    const { outcomes } = await start('spawn', {
      through: [
        'unshare',
        '--mount',
        'sh',
        '-c',
        'mount -t tmpfs -o size=4k,nr_inodes=1 none $TMPDIR; exec "$@"',
        'sh',
      ],
    })
    // The error is Node.js' own, whose errnos are negative.
    const path: unknown = expect.stringContaining('/glovebox-')
    expect(await outcomes).toEqual([{ error: 'GLOVEBOX_SANDBOX', errno: -constants.errno.ENOSPC, path }])
  })
})

describe('cgroups that cannot be removed', () => {
  requires('cgroup1')

  /** The sandbox's own, in the hierarchy of memory. */
  const groupOf = (driver: SupervisorDriver, sandbox: string) =>
    join(driver.hello?.get('cgroup.path') ?? '', sandbox)

  test('a process from outside in one of them holds up neither its removal for ever nor the next sandbox, and is gone at the end', async () => {
    const { driver } = await launch()
    await driver.create('a')
    const group = groupOf(driver, 'a')
    const intruder = spawn('sleep', ['1000'])
    onTestFinished(() => void intruder.kill('SIGKILL'))
    writeFileSync(join(group, 'cgroup.procs'), String(intruder.pid))
    expect((await driver.request('destroy', [['sandbox', 'a']])).type).toBe('reply')
    expect(existsSync(group)).toBe(true)
    expect((await driver.run('exit 0')).exit?.get('cause')).toBe('exit')
    await driver.close()
    await waitFor('its removal', () => !existsSync(group) && !existsSync(driver.runDir))
  })

  test('a group that somebody made below is removed with it', async () => {
    const { driver } = await launch()
    await driver.create('a')
    const group = groupOf(driver, 'a')
    mkdirSync(join(group, 'below/deeper'), { recursive: true })
    expect((await driver.request('destroy', [['sandbox', 'a']])).type).toBe('reply')
    expect(existsSync(group)).toBe(false)
    await driver.close()
  })

  test('where one of the same name is left a sandbox is refused with its path, and can be made then', async () => {
    const { driver } = await launch()
    mkdirSync(groupOf(driver, 'a'))
    const refused = await driver.create('a')
    expect([refused.type, refused.get('path')]).toEqual(['error', expect.any(String)])
    expect((await driver.create('a')).type).toBe('reply')
    await driver.close()
  })
})

function isRemoved(path: string): boolean {
  try {
    rmdirSync(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error
    return false
  }
}
