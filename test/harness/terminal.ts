/** A terminal with a runner in it: runners listen to the keyboard only there. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { killGroup } from './run-runner.js'
import { type Role, spawnAs } from './users.js'

export interface Terminal extends AsyncDisposable {
  /** In the environment of every process of this run; see leftovers.ts. */
  readonly marker: string
  /** All that was printed so far, without control sequences. */
  output(): string
  type(keys: string): void
  readonly ended: Promise<void>
}

/** `command`: without anything that a shell would take apart. */
export function openTerminal(as: Role, cwd: string, command: readonly string[]): Terminal {
  const marker = randomUUID()
  // `script` of util-linux runs its command in a terminal, and passes what it gets.
  const child = spawn('script', ['-q', '-e', '-c', command.join(' '), '/dev/null'], {
    ...spawnAs(as, { GLOVEBOX_TEST_RUN: marker, NO_COLOR: '1', TERM: 'xterm' }),
    cwd,
    detached: true,
  })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return {
    marker,
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they are
    output: () => output.replace(/\x1b\[[0-9;?]*[a-zA-Z]/g, ''),
    type: (keys) => child.stdin.write(keys),
    ended,
    async [Symbol.asyncDispose]() {
      killGroup(child)
      await ended
    },
  }
}
