/** Signals to `glovebox run`, and what is left when it is gone. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { markedProcesses } from '../harness/leftovers.js'
import { requires } from '../harness/requires.js'
import { type Role, spawnAs } from '../harness/users.js'
import { waitFor } from '../harness/wait-for.js'
import { glovebox, mainPath, type StartedCli, startCli } from './cli.js'

const shell = (script: string, as: Role): StartedCli => startCli(['run', '--', 'sh', '-c', script], { as })

const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

async function ready(run: StartedCli): Promise<void> {
  await waitFor('the command to be ready', () => run.stdout().includes('ready'))
}

describe.each<Role>(['root', 'user'])('as %s', (as) => {
  requires(as)

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const)(
    '%s reaches the command, whose own status counts',
    async (signal) => {
      const run = shell(
        `trap 'echo got; exit 5' ${signal.slice(3)}; echo ready; while :; do sleep 0.05; done`,
        as,
      )
      await ready(run)
      run.child.kill(signal)
      expect(await run.done).toMatchObject({ status: 5, signal: null, stdout: 'ready\ngot\n' })
    },
  )

  test('Ctrl-C on a terminal reaches the command once', async () => {
    const script = "trap 'echo got; exit 5' INT; echo ready; while :; do sleep 0.05; done"
    const command = [process.execPath, mainPath, 'run', '--', 'sh', '-c', script].map(quote).join(' ')
    const terminal = spawn('script', ['-qec', `exec ${command}`, '/dev/null'], {
      ...spawnAs(as),
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    let seen = ''
    terminal.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      if (!seen.includes('ready') && (seen + chunk).includes('ready')) terminal.stdin.write('\x03')
      seen += chunk
    })
    const [status] = await once(terminal, 'close')
    expect(seen.match(/got/g)).toHaveLength(1)
    expect(status).toBe(5)
  })

  test('a command without a handler dies by the signal, and the status says so', async () => {
    const run = shell('echo ready; while :; do sleep 0.05; done', as)
    await ready(run)
    run.child.kill('SIGTERM')
    expect(await run.done).toMatchObject({ status: 143, signal: null })
  })

  test('the second SIGINT kills a command that ignores the first', async () => {
    const run = shell("trap '' INT; echo ready; while :; do sleep 0.05; done", as)
    await ready(run)
    run.child.kill('SIGINT')
    run.child.kill('SIGINT')
    // Two signals that arrive as one are one: ask again until somebody listens.
    const again = setInterval(() => run.child.kill('SIGINT'), 500)
    const { status } = await run.done.finally(() => clearInterval(again))
    expect(status).toBe(137)
  })

  test('when glovebox itself is killed, the command dies with it', async () => {
    const run = shell('echo ready; while :; do sleep 0.05; done', as)
    await ready(run)
    expect(markedProcesses(run.marker).length).toBeGreaterThan(1)
    run.child.kill('SIGKILL')
    await run.done
    await waitFor('every process to be gone', () => markedProcesses(run.marker).length === 0)
  })

  test('a daemon that the command leaves behind is gone when it ends', async () => {
    const run = shell('setsid sleep 600 >/dev/null 2>&1 & echo ready', as)
    expect(await run.done).toMatchObject({ status: 0, stdout: 'ready\n' })
    expect(markedProcesses(run.marker)).toEqual([])
  })

  test('--usage names what was left behind', async () => {
    const { stderr } = await glovebox(
      '--usage',
      ['sh', '-c', 'setsid sleep 600 >/dev/null 2>&1 & sleep 0.3'],
      { as },
    )
    expect(stderr).toMatch(/left behind +process \d+ \(sleep.*\)/)
  })
})
