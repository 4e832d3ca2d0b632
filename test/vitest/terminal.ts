/** A terminal with Vitest in it: some of Vitest listens to the keyboard only there. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { killGroup } from '../harness/run-vitest.js'
import { spawnAs } from '../harness/users.js'
import { modulesOf, nodeBinary } from '../setup/matrix.mjs'
import type { Cell } from './support.js'

export interface Terminal extends AsyncDisposable {
  /** In the environment of every process of this run; see harness/leftovers.ts. */
  readonly marker: string
  /** All that was printed so far, without control sequences. */
  output(): string
  type(keys: string): void
  readonly ended: Promise<void>
}

export function openTerminal(cell: Cell, cwd: string, args: string): Terminal {
  const marker = randomUUID()
  const vitest = join(modulesOf(`vitest-${cell.vitest}`), 'vitest/vitest.mjs')
  // `script` of util-linux runs its command in a terminal, and passes what it gets.
  const child = spawn(
    'script',
    ['-q', '-e', '-c', `${nodeBinary(cell.node)} ${vitest} ${args}`, '/dev/null'],
    {
      ...spawnAs(cell.as, { GLOVEBOX_TEST_RUN: marker, NO_COLOR: '1', TERM: 'xterm' }),
      cwd,
      detached: true,
    },
  )
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
