import { readHostKind } from '../host/kind.js'
import { checkHost } from '../host/requirements.js'
import type { Profile } from '../plan/profile.js'
import { Sandbox } from './sandbox.js'
import { Supervisor } from './supervisor.js'

export interface SandboxOptions {
  /** fds 0–2 of the process: streams to read (and nothing to read from), this process's own, or /dev/null. Default `pipe`. */
  stdio?: 'pipe' | 'inherit' | 'ignore'
  /** `warn`: drops limits that the host cannot enforce; `onNotice` tells. Default `error`. */
  onUnsupported?: 'error' | 'warn'
  /** Told in one sentence each how the host gives less than, or something other than, what the profile asks. */
  onNotice?: (notice: string) => void
}

/**
 * A sandbox with a supervisor of its own.
 *
 * ```ts
 * await using sandbox = await createSandbox(profile)
 * const child = await sandbox.run('node', ['server.js'])
 * child.stdout?.pipe(process.stdout)
 * const { cause, code, signal, usage } = await child.ended
 * ```
 *
 * Throws a GloveboxError: GLOVEBOX_UNSUPPORTED_PLATFORM, GLOVEBOX_NO_SUPERVISOR, GLOVEBOX_UNSUPPORTED_HOST, GLOVEBOX_SANDBOX.
 */
export async function createSandbox(profile: Profile, options: SandboxOptions = {}): Promise<Sandbox> {
  const { stdio = 'pipe', onUnsupported = 'error' } = options
  const supervisor = await Supervisor.launch({ stdio: stdio === 'inherit' ? 'inherit' : 'null' })
  try {
    const agreement = checkHost(supervisor.hello, profile, onUnsupported, readHostKind())
    for (const notice of agreement.notices) options.onNotice?.(notice)
    return await Sandbox.create(supervisor, agreement.profile, {
      stdio: stdio === 'pipe' ? 'socket' : stdio === 'inherit' ? 'inherit' : 'null',
      channel: false,
      limits: 'now',
      owns: supervisor,
    })
  } catch (error) {
    await supervisor.close()
    throw error
  }
}
