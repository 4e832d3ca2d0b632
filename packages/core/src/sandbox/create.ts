import type { GloveboxOptions } from '../config/options.js'
import { emulationNotices } from '../host/emulation.js'
import { readHostFacts } from '../host/facts.js'
import { readHostKind } from '../host/kind.js'
import { checkHost } from '../host/requirements.js'
import { createPlanner } from '../plan/planner.js'
import type { Profile } from '../plan/profile.js'
import { Sandbox } from './sandbox.js'
import { Supervisor } from './supervisor.js'

export interface SandboxOptions {
  /** fds 0–2 of the process: streams to read (and nothing to read from), this process's own, or /dev/null. Default `pipe`. */
  stdio?: 'pipe' | 'inherit' | 'ignore'
  /** `warn`: drops limits that the host cannot enforce; `onNotice` tells. Default: what the policy says, else `error`. */
  onUnsupported?: 'error' | 'warn'
  /** Told in one sentence each how the host gives less than, or something other than, what the profile asks. */
  onNotice?: (notice: string) => void
}

/**
 * A sandbox with a supervisor of its own. The policy: options as in a runner's configuration, or a whole profile. Of options, paths
 * are relative to the working directory, which is the project.
 *
 * ```ts
 * await using sandbox = await createSandbox({ limits: { memory: '256MiB' } })
 * const child = await sandbox.run('node', ['server.js'])
 * child.stdout?.pipe(process.stdout)
 * const { cause, code, signal, usage } = await child.ended
 * ```
 *
 * Throws a GloveboxError: GLOVEBOX_CONFIG for options; GLOVEBOX_UNSUPPORTED_PLATFORM, GLOVEBOX_NO_SUPERVISOR,
 * GLOVEBOX_UNSUPPORTED_HOST, GLOVEBOX_SANDBOX.
 */
export async function createSandbox(
  policy: Profile | GloveboxOptions,
  options: SandboxOptions = {},
): Promise<Sandbox> {
  return (await makeSandbox(policy, options)).sandbox
}

/** As `createSandbox`. `channel`: descriptor 3 of the process is a message channel, as forked workers need. */
export async function makeSandbox(
  policy: Profile | GloveboxOptions,
  options: SandboxOptions & { channel?: boolean },
): Promise<{ sandbox: Sandbox; supervisor: Supervisor }> {
  const { stdio = 'pipe', channel = false, onNotice } = options
  const planned = isProfile(policy)
    ? { profile: policy, onUnsupported: 'error' as const, notices: [] }
    : plan(policy)
  const supervisor = await Supervisor.launch({ stdio: stdio === 'inherit' ? 'inherit' : 'null' })
  try {
    const onUnsupported = options.onUnsupported ?? planned.onUnsupported
    const agreement = checkHost(supervisor.hello, planned.profile, onUnsupported, readHostKind())
    const emulation = await emulationNotices(supervisor, agreement.profile)
    for (const notice of [...planned.notices, ...agreement.notices, ...emulation]) onNotice?.(notice)
    const sandbox = await Sandbox.create(supervisor, agreement.profile, {
      stdio: stdio === 'pipe' ? 'socket' : stdio === 'inherit' ? 'inherit' : 'null',
      channel,
      limits: 'now',
      owns: supervisor,
    })
    return { sandbox, supervisor }
  } catch (error) {
    await supervisor.close()
    throw error
  }
}

function isProfile(policy: Profile | GloveboxOptions): policy is Profile {
  return 'mounts' in policy
}

function plan(options: GloveboxOptions): {
  profile: Profile
  onUnsupported: 'error' | 'warn'
  notices: readonly string[]
} {
  const root = process.cwd()
  const { base, onUnsupported, notices } = createPlanner({
    options,
    source: 'createSandbox',
    root,
    host: readHostFacts(),
  })
  return { profile: base, onUnsupported, notices }
}
