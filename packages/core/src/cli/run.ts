import { writeFileSync } from 'node:fs'
import { GloveboxError } from '../errors.js'
import type { Profile } from '../plan/profile.js'
import { makeSandbox } from '../sandbox/create.js'
import type { Ending } from '../sandbox/ending.js'
import type { Sandbox } from '../sandbox/sandbox.js'
import type { SandboxedProcess } from '../sandbox/sandboxed-process.js'
import { blockedNotices } from './blocked-notices.js'
import { exitStatus } from './exit-status.js'
import type { RunFlags } from './flags.js'
import { limitNotice } from './limit-notice.js'
import { planRun } from './plan-run.js'
import { forkedStart, scriptCommand } from './run-script.js'
import { say } from './say.js'
import { forwardSignals } from './signals.js'
import { runUnsandboxed } from './unsandboxed.js'
import { usageJson, usageText } from './usage.js'

/** Runs a command in a sandbox, with this process's stdin, stdout and stderr. Resolves with the exit status. */
export async function run(words: readonly [string, ...string[]], flags: RunFlags): Promise<number> {
  const command = flags.worker === undefined ? words : scriptCommand(words)
  const { profile, notices } = planRun(flags, process.cwd())
  notices.forEach(say)
  const onUnsupported = flags.onUnsupported ?? 'error'
  let made: Awaited<ReturnType<typeof makeSandbox>>
  try {
    const channel = flags.worker === 'fork'
    made = await makeSandbox(profile, { stdio: 'inherit', channel, onUnsupported, onNotice: say })
  } catch (error) {
    if (onUnsupported === 'warn' && isUnsupported(error))
      return runUnsandboxed(command, profile, error.message)
    throw error
  }
  const { sandbox, supervisor } = made
  const ending = await runIn(sandbox, async () => {
    if (flags.worker === 'fork') {
      // It waits for a message before it begins, or for the end of them.
      sandbox.streams.channel?.end()
      return sandbox.execute(await forkedStart(supervisor, sandbox.profile, command))
    }
    const [file, ...args] = command
    return sandbox.run(file, args)
  })
  const notice = limitNotice(ending, sandbox.profile.limits, command[0])
  if (notice) say(notice)
  blockedNotices(ending.blocked).forEach(say)
  reportUsage(ending, sandbox.profile, flags)
  return exitStatus(ending)
}

async function runIn(sandbox: Sandbox, start: () => Promise<SandboxedProcess>): Promise<Ending> {
  await using _ = sandbox
  const starting = start()
  // What arrives before the start is passed on after it. Of a process that just ended nobody need hear.
  const stopForwarding = forwardSignals(
    (signal) => void starting.then(() => sandbox.signal(signal)).catch(() => {}),
    () => void starting.then(() => sandbox.kill('interrupted twice')).catch(() => {}),
  )
  try {
    const { ended } = await starting
    return await ended
  } finally {
    stopForwarding()
  }
}

function reportUsage(ending: Ending, { limits }: Profile, { usage, usageFile }: RunFlags): void {
  const format = usage ?? (usageFile === undefined ? undefined : 'json')
  if (format === undefined) return
  const text = format === 'json' ? usageJson(ending, limits) : usageText(ending, limits)
  if (usageFile === undefined) process.stderr.write(text)
  else writeFileSync(usageFile, text)
}

function isUnsupported(error: unknown): error is GloveboxError {
  const codes: readonly string[] = ['GLOVEBOX_UNSUPPORTED_HOST', 'GLOVEBOX_UNSUPPORTED_PLATFORM']
  return error instanceof GloveboxError && codes.includes(error.code)
}
