import { spawn } from 'node:child_process'
import type { Profile } from '../plan/profile.js'
import { ofSignal, status } from './exit-status.js'
import { say } from './say.js'
import { forwardSignals } from './signals.js'

/** What `--on-unsupported warn` asks for where no sandbox can be made at all. */
export async function runUnsandboxed(
  [file, ...args]: readonly [string, ...string[]],
  { env, cwd }: Profile,
  reason: string,
): Promise<number> {
  say(`running ${file} WITHOUT a sandbox: ${reason}`)
  const child = spawn(file, args, { stdio: 'inherit', env, cwd })
  const stopForwarding = forwardSignals(
    (signal) => void child.kill(signal),
    () => child.kill('SIGKILL'),
  )
  try {
    return await new Promise<number>((settle) => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        say(`${file} cannot be executed: ${error.code}`)
        settle(error.code === 'ENOENT' ? status.notFound : status.notExecutable)
      })
      child.once('exit', (code, signal) => settle(code ?? ofSignal(signal ?? 'SIGKILL')))
    })
  } finally {
    stopForwarding()
  }
}
