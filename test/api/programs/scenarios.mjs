// @ts-check
/**
 * What an adapter may do with a session. The worker (worker.mjs in the fixture) runs the code that it is sent.
 * @import { Session } from '@glovebox/core/adapter'
 */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { ask, ending, finishing, stderrOf, workerFor } from './ask.mjs'

const supervisorPid = () =>
  Number(readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ')[0])

export const scenarios = {
  async messages(/** @type {Session} */ session, /** @type {string} */ root) {
    const worker = await workerFor(session, root)
    const content = Buffer.alloc(64 * 2 ** 20, 'x')
    const echoed = await ask(worker, 'return value', { content, map: new Map([[1n, new Date(0)]]) })
    let refused
    try {
      worker.send(() => {})
    } catch (error) {
      refused = /** @type {Error} */ (error).name
    }
    const refusedInside = await ask(
      worker,
      'try { channel.send({ f() {} }) } catch (error) { return error.name }',
    )
    const record = await worker.finish('passed')
    worker.send('after the end')
    return {
      whole: content.equals(echoed.content),
      map: echoed.map.get(1n)?.getTime(),
      refused,
      refusedInside,
      kind: record.verdict.kind,
    }
  },

  async oneAfterTheOther(/** @type {Session} */ session, /** @type {string} */ root) {
    const files = ['a.test.ts', 'b.test.ts', 'c.test.ts', 'd.test.ts']
    session.beginRun(files.map((file) => `${root}/${file}`))
    const seen = []
    const walls = []
    for (const file of files) {
      const worker = await workerFor(session, root, file)
      await sleep(30)
      seen.push(
        await ask(
          worker,
          `const { existsSync, writeFileSync } = process.getBuiltinModule('node:fs')
           const before = existsSync('/tmp/mark'); writeFileSync('/tmp/mark', ''); return [before, process.argv[1]]`,
        ),
      )
      const { usage, verdict } = await worker.finish('passed')
      walls.push(usage.wall)
      if (verdict.kind !== 'passed-through') throw new Error(JSON.stringify(verdict))
    }
    return { seen, walls, notices: session.notices }
  },

  async atOnce(/** @type {Session} */ session, /** @type {string} */ root) {
    const workers = await Promise.all(Array.from({ length: 5 }, () => workerFor(session, root)))
    const listening = `
      const server = process.getBuiltinModule('node:http').createServer((_, response) => response.end('ok'))
      await new Promise((resolve, reject) => server.once('error', reject).listen(3000, resolve))
      return (await fetch('http://localhost:3000')).text()`
    const answers = await Promise.all(workers.map((worker) => ask(worker, listening)))
    const records = await Promise.all(workers.map((worker) => worker.finish('passed')))
    return { answers, kinds: records.map((record) => record.verdict.kind) }
  },

  async affinities(/** @type {Session} */ session, /** @type {string} */ root) {
    const count = Math.min(4, availableParallelism())
    const workers = await Promise.all(Array.from({ length: count }, () => workerFor(session, root)))
    const status = `return process.getBuiltinModule('node:fs').readFileSync('/proc/self/status', 'utf8')`
    const told = await Promise.all(workers.map((worker) => ask(worker, status)))
    await Promise.all(workers.map((worker) => worker.finish('passed')))
    return told.map((text) => /^Cpus_allowed_list:\s*(\S+)/m.exec(String(text))?.[1])
  },

  async flood(/** @type {Session} */ session, /** @type {string} */ root) {
    const worker = await workerFor(session, root)
    let bytes = 0
    let peak = 0
    worker.onOutput(async (_, chunk) => {
      bytes += chunk.length
      peak = Math.max(peak, process.memoryUsage().rss)
      if (bytes % (1 << 25) < chunk.length) await sleep(1)
    })
    const before = process.memoryUsage().rss
    await ask(
      worker,
      `const chunk = Buffer.alloc(1 << 20, 'x')
       for (let i = 0; i < 1024; i++) await new Promise((resolve) => process.stdout.write(chunk, resolve))`,
    )
    const record = await worker.finish('passed')
    return { bytes, growth: peak - before, kind: record.verdict.kind }
  },

  async neverStarted(/** @type {Session} */ session, /** @type {string} */ root) {
    const worker = await session.worker(await session.profile(`${root}/a.test.ts`), {
      execArgv: ['--no-such-flag'],
    })
    const stderr = stderrOf(worker)
    const { code } = await worker.ended
    return { code, stderr: stderr(), ...(await worker.finish(undefined)) }
  },

  async heap(/** @type {Session} */ session, /** @type {string} */ root) {
    const worker = await session.worker(await session.profile(`${root}/a.test.ts`), {
      execArgv: ['--max-old-space-size=20'],
    })
    worker.send({ code: 'const keep = []; for (;;) keep.push({ a: [1, 2, 3] })' })
    return worker.finish(undefined, 60_000)
  },

  async supervisorKilled(/** @type {Session} */ session, /** @type {string} */ root) {
    const worker = await workerFor(session, root)
    await ask(worker, '')
    process.kill(supervisorPid(), 'SIGKILL')
    const { cause } = await worker.ended
    const record = await worker.finish(undefined)
    const next = await workerFor(session, root).catch((error) => error.message)
    return { cause, verdict: record.verdict, next }
  },

  async closedWhileMaking(/** @type {Session} */ session, /** @type {string} */ root) {
    const profile = await session.profile(`${root}/a.test.ts`)
    const making = Array.from({ length: 3 }, () => session.worker(profile).catch((error) => error.code))
    await session.close()
    const after = await session.worker(profile).catch((error) => error.code)
    const made = await Promise.all(making)
    return { made: made.map((one) => (typeof one === 'string' ? one : 'worker')), after }
  },

  async closedWhileRunning(/** @type {Session} */ session, /** @type {string} */ root) {
    const worker = await workerFor(session, root)
    await ask(worker, '')
    await session.close()
    const { cause } = await worker.ended
    return { cause: cause.kind, verdict: (await worker.finish(undefined)).verdict.kind }
  },

  async neverClosed(/** @type {Session} */ session, /** @type {string} */ root) {
    const worker = await workerFor(session, root)
    await ask(worker, '')
    return (await worker.finish('passed')).verdict.kind
  },

  async conflict(/** @type {Session} */ session, /** @type {string} */ root) {
    const records = []
    for (const [file, content] of [
      ['a.test.ts', 'one'],
      ['b.test.ts', 'two'],
    ]) {
      const worker = await workerFor(session, root, file)
      await ask(worker, `process.getBuiltinModule('node:fs').writeFileSync(value.path, value.content)`, {
        path: `${root}/shared.snap`,
        content,
      })
      records.push(await worker.finish('passed'))
    }
    return {
      verdicts: records.map((record) => record.verdict),
      kept: readFileSync(`${root}/shared.snap`, 'utf8'),
    }
  },

  async writes(/** @type {Session} */ session, /** @type {string} */ root) {
    const worker = await workerFor(session, root)
    await ask(
      worker,
      `const fs = process.getBuiltinModule('node:fs')
       fs.mkdirSync(value + '/__snapshots__', { recursive: true })
       fs.writeFileSync(value + '/__snapshots__/new.snap', 'new', { mode: 0o600 })
       fs.appendFileSync(value + '/old.snap', ' and more')
       fs.rmSync(value + '/gone.snap')
       fs.symlinkSync('old.snap', value + '/link.snap')
       fs.writeFileSync(value + '/named.html', 'named')
       fs.writeFileSync(value + '/scratch.txt', 'scratch')
       fs.rmSync(value + '/kept.txt')`,
      root,
    )
    return worker.finish('passed', 1000, { persist: [`${root}/named.html`] })
  },

  async unfinishedWrites(/** @type {Session} */ session, /** @type {string} */ root) {
    const worker = await workerFor(session, root)
    await ask(worker, `process.getBuiltinModule('node:fs').writeFileSync(value, 'half')`, `${root}/half.snap`)
    worker.kill('the run was cancelled')
    return worker.finish(undefined)
  },

  async stubborn(/** @type {Session} */ session, /** @type {string} */ root) {
    const worker = await workerFor(session, root)
    await ask(worker, 'setTimeout(() => { for (;;); }, 0)')
    return worker.finish('passed', 200)
  },

  exit: ending('process.exit(3)'),
  abort: ending('process.abort()'),
  killItself: ending('process.kill(process.pid, "SIGKILL")'),
  throwLater: ending('setTimeout(() => { throw new Error("late") })'),
  hog: ending('const keep = []; for (;;) keep.push(Buffer.alloc(8 << 20, 1))'),
  loop: ending('for (;;);'),
  garbage: ending(
    'process.getBuiltinModule("node:fs").writeSync(3, "garbage that is no frame"); setInterval(() => {}, 1000)',
  ),
  hogInChild: ending(
    `const { spawn } = process.getBuiltinModule('node:child_process')
     spawn(process.execPath, ['-e', 'const keep = []; for (;;) keep.push(Buffer.alloc(8 << 20, 1))'])
     setInterval(() => {}, 1000)`,
  ),
  leak: finishing(
    `process.getBuiltinModule('node:child_process').spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' }).unref()`,
  ),
  /** Holds the worker's stdout for a while longer than the worker lives. */
  daemon: finishing(
    `process.getBuiltinModule('node:child_process').spawn('sleep', ['3'], { detached: true, stdio: 'inherit' }).unref()`,
  ),
  pids: finishing(
    `const { spawn } = process.getBuiltinModule('node:child_process')
     const failures = []
     for (let i = 0; i < 40; i++) await new Promise((resolve) => spawn('sleep', ['5']).on('spawn', resolve).on('error', (error) => { failures.push(error.code); resolve() }))
     return failures.length > 0`,
    'failed',
  ),
}
