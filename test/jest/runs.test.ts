/** How Jest is told to go through its files: all of it is obeyed, with every file in a sandbox. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { leftovers, snapshot } from '../harness/leftovers.js'
import { startJest } from '../harness/run-jest.js'
import { waitFor } from '../harness/wait-for.js'
import { config, createProject, eachCell, outcomes, printed, run, runPlain } from './support.js'

const inOrder = {
  'sequencer.js': `const { default: Sequencer } = require('@jest/test-sequencer')\nmodule.exports = class extends Sequencer { sort(tests) { return [...tests].sort((a, b) => (a.path < b.path ? -1 : 1)) } }`,
}
const ordered = (options = '{}') => config(`{ testSequencer: './sequencer.js' }`, options)
const endless = `test('waits', async () => {
  await fetch('http://127.0.0.1:' + process.env.SIGNAL)
  await new Promise((done) => setTimeout(done, 600_000))
}, 700_000)`
const failsLater = `test('fails', async () => {
  await fetch('http://127.0.0.1:' + process.env.SIGNAL + '/wait')
  throw new Error('failed')
}, 120_000)`

/** A server that answers '/wait' once it was asked for something else. */
async function openSignal(): Promise<{ port: number } & AsyncDisposable> {
  let give = (): void => {}
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  const server = createServer(async ({ url }, response) => {
    if (url === '/wait') await given
    else give()
    response.end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

eachCell((cell, available) => {
  test('--bail ends the run after a file that was killed, and the table is printed', async () => {
    if (!available) return
    await using project = await createProject(cell, {
      ...inOrder,
      'jest.config.js': ordered(),
      'a.test.js': `test('dies', () => { process.kill(process.pid, 'SIGKILL'); while (true); })`,
      'b.test.js': `test('b', () => console.log('B RAN'))`,
    })
    const result = await run(cell, project, ['--bail', '--maxWorkers=1'])
    expect(printed(result)).toContain('Killed')
    expect(printed(result)).toMatch(/│ a\.test\.js .*killed/)
    expect(printed(result)).not.toContain('B RAN')
    expect(result.code).toBe(1)
  })

  test('-i, -t, --shard and --onlyFailures choose the same tests as without Glovebox', async () => {
    if (!available) return
    const body = (name: string) => `const { hostname } = require('os')
test('one ${name}', () => console.log('RAN', process.env.JEST_WORKER_ID, hostname()))
test('two ${name}', () => expect('${name}').not.toBe('b'))`
    await using project = await createProject(cell, {
      ...inOrder,
      'jest.config.js': ordered(),
      ...Object.fromEntries(['a', 'b', 'c'].map((name) => [`${name}.test.js`, body(name)])),
    })
    // The first one leaves what --onlyFailures goes by.
    for (const args of [['-i'], ['-i', '--onlyFailures'], ['-t', 'one', '--shard=2/2']]) {
      const result = await run(cell, project, args)
      expect(outcomes(result), args.join(' ')).toEqual(outcomes(await runPlain(cell, project, args)))
      if (args[0] === '-i')
        expect(
          printed(result)
            .match(/RAN \d .*/g)
            ?.every((line) => line === 'RAN 1 glovebox'),
        ).toBe(true)
    }
  })

  test('--detectOpenHandles: what outlives a file is among its leaks, and that is said', async () => {
    if (!available) return
    await using project = await createProject(cell, {
      'daemon.js': `require('http').createServer().listen(3000, () => process.send('listening'))`,
      'a.test.js': `test('leaves a server', (done) => { require('child_process').fork('./daemon.js', { detached: true }).once('message', () => done()) })`,
    })
    const result = await run(cell, project, ['--detectOpenHandles'])
    expect(printed(result)).toContain('--detectOpenHandles sees nothing of test files')
    expect(printed(result)).toMatch(/a\.test\.js left behind a listener on .*:3000/)
    expect(printed(result)).not.toContain('open handle potentially')
    expect(result.code).toBe(0)
  })

  test('--bail of watch mode ends files that run beside the one that failed', async () => {
    if (!available) return
    const before = snapshot()
    await using project = await createProject(cell, {
      'a.test.js': `/** @glovebox-network host */\n${endless}`,
      // Fails once the other one runs.
      'b.test.js': `/** @glovebox-network host */\n${failsLater}`,
    })
    await using signal = await openSignal()
    // With --bail, Jest interrupts the run itself.
    const started = startJest({
      ...cell,
      cwd: project.dir,
      args: ['--watchAll', '--bail', '--maxWorkers=2'],
      env: { CI: '', SIGNAL: String(signal.port) },
    })
    let output = ''
    started.child.stderr?.on('data', (chunk) => {
      output += chunk
    })
    try {
      await waitFor('the run to be over', () => /Ran all test suites|Test run was interrupted/.test(output), {
        limit: 90_000,
      })
    } finally {
      started.child.kill('SIGINT')
      await started.done
    }
    await waitFor('what the run left to go', () => leftovers(before, started.marker).length === 0)
  })
})
