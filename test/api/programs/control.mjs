// @ts-check
/** Plays with one sandbox of createSandbox; what happened is printed as JSON. */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSandbox } from '@glovebox/core'
import { profileWith } from './profile.mjs'

const { scenario } = JSON.parse(process.argv[2] ?? '')

const counting = ['sh', '-c', 'i=0; while :; do i=$((i+1)); echo $i; sleep 0.01; done']

/** @param {import('node:stream').Readable | undefined} stream */
function countLines(stream) {
  let lines = 0
  stream?.on('data', (chunk) => {
    lines += String(chunk).split('\n').length - 1
  })
  return () => lines
}

/** @param {() => boolean} condition */
async function until(condition) {
  while (!condition()) await sleep(5)
}

const scenarios = {
  async pause() {
    const sandbox = await createSandbox(profileWith())
    const child = await sandbox.run('sh', counting.slice(1))
    const lines = countLines(child.stdout)
    await until(() => lines() > 3)
    await sandbox.pause()
    await sleep(50)
    const paused = lines()
    await sleep(200)
    const still = lines()
    await sandbox.resume()
    await until(() => lines() > still)
    const usage = await sandbox.usage()
    sandbox.kill('enough')
    const { cause } = await child.ended
    await sandbox.destroy()
    return { still: still - paused, wall: usage.wall, cause }
  },

  async killWhilePaused() {
    const sandbox = await createSandbox(profileWith())
    const child = await sandbox.run('sleep', ['1000'])
    await sandbox.pause()
    sandbox.kill('why not')
    const { cause } = await child.ended
    await sandbox.destroy()
    return cause
  },

  async signal() {
    const sandbox = await createSandbox(profileWith())
    const child = await sandbox.run('sh', [
      '-c',
      'trap "echo caught; exit 5" TERM; echo ready; while :; do sleep 0.01; done',
    ])
    let output = ''
    child.stdout?.on('data', (chunk) => {
      output += chunk
    })
    await until(() => output.includes('ready'))
    await sandbox.signal('SIGTERM')
    const { code } = await child.ended
    await until(() => child.stdout?.closed === true)
    await sandbox.destroy()
    return { code, output }
  },

  async twice() {
    const sandbox = await createSandbox(profileWith())
    await (await sandbox.run('true')).ended
    const again = await sandbox.run('true').catch((error) => error.code)
    await sandbox.destroy()
    return again
  },

  async destroyedWhileRunning() {
    const sandbox = await createSandbox(profileWith())
    const child = await sandbox.run('sleep', ['1000'])
    await Promise.all([sandbox.destroy(), sandbox.destroy()])
    return (await child.ended).cause
  },

  async neverRun() {
    const sandbox = await createSandbox(profileWith())
    await sandbox.destroy()
    return (await sandbox.ended).cause
  },

  async neverDestroyed() {
    const sandbox = await createSandbox(profileWith())
    await (await sandbox.run('true')).ended
    return 'ended'
  },

  async exitWhileRunning() {
    const sandbox = await createSandbox(profileWith())
    await sandbox.run('sleep', ['1000'])
    console.log('"left at once"')
    process.exit(0)
  },

  async refused() {
    const mounts = /** @type {const} */ ([{ type: 'bind', source: '/no/such/directory', target: '/' }])
    const error = await createSandbox(profileWith({ mounts })).catch((failure) => failure)
    return {
      code: error.code,
      path: error.path ?? error.cause?.path,
      stage: error.stage ?? error.cause?.stage,
    }
  },

  async nul() {
    const sandbox = await createSandbox(profileWith())
    const error = await sandbox.run('echo', ['a\0b']).catch((failure) => failure)
    await sandbox.destroy()
    return { code: error.code, message: error.message }
  },

  async lowLimitLater() {
    const profile = profileWith()
    const sandbox = await createSandbox(profile)
    const child = await sandbox.run(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    await sandbox.limit({ ...profile.limits, timeout: 100 })
    const { cause } = await child.ended
    await sandbox.destroy()
    return cause
  },

  async supervisorGone() {
    const sandbox = await createSandbox(profileWith())
    const child = await sandbox.run('sleep', ['1000'])
    for (const supervisor of children()) process.kill(supervisor, 'SIGKILL')
    const { cause } = await child.ended
    const usage = await sandbox.usage().catch((error) => error.stage)
    await sandbox.destroy()
    return { cause, usage }
  },

  async descriptors() {
    const open = () => readdirSync('/proc/self/fd').length
    await round()
    const before = open()
    for (let i = 0; i < 5; i++) await round()
    return {
      grown: open() - before,
      handles: process.getActiveResourcesInfo().filter((name) => /Pipe|Process/.test(name)),
    }
  },
}

async function round() {
  const sandbox = await createSandbox(profileWith())
  const child = await sandbox.run('echo', ['hello'])
  child.stdout?.resume()
  child.stderr?.resume()
  await child.ended
  await sandbox.destroy()
}

/** Processes that this one started; only the main thread starts any. */
function children() {
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').map(Number)
}

console.log(JSON.stringify(await scenarios[/** @type {keyof typeof scenarios} */ (scenario)]()))
