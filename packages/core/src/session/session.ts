import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import { trialOptions } from '../config/run-options.js'
import { GloveboxError } from '../errors.js'
import { errnoName } from '../host/errno.js'
import { readHostFacts } from '../host/facts.js'
import { readHostKind } from '../host/kind.js'
import { checkHost } from '../host/requirements.js'
import { createPlanner, type Planner } from '../plan/planner.js'
import { SandboxFault } from '../sandbox/fault.js'
import { Supervisor } from '../sandbox/supervisor.js'
import { bootstrap, type WorkerLaunch } from './launch.js'
import { PlainSession } from './plain-session.js'
import { SandboxedSession } from './sandboxed-session.js'
import type { Session, SessionOptions } from './types.js'

/**
 * Starts what a runner needs to run its files in sandboxes.
 *
 * Throws a GloveboxError: GLOVEBOX_CONFIG for the options; GLOVEBOX_UNSUPPORTED_PLATFORM, GLOVEBOX_NO_SUPERVISOR or
 * GLOVEBOX_UNSUPPORTED_HOST where sandboxes cannot be had (unless `onUnsupported: 'warn'`: then files run without, and a notice
 * says so); GLOVEBOX_SANDBOX, GLOVEBOX_PROTOCOL for what is broken.
 */
export function openSession(options: SessionOptions): Promise<Session> {
  return open(options)
}

/** `overlayRefused`: why the kernel has refused one of the project, the first time. */
async function open(options: SessionOptions, overlayRefused?: string): Promise<Session> {
  const launch: WorkerLaunch = {
    entry: options.workerEntry,
    execArgv: options.execArgv,
    warm: options.warm,
  }
  const planner = createPlanner({
    options: options.options,
    source: options.source,
    forced: trialOptions(),
    root: options.root,
    host: readHostFacts(),
    overlayRefused,
    runner: { ...options, visible: [...options.visible, dirname(bootstrap), options.workerEntry] },
  })
  try {
    return await openSandboxed(planner, launch, options)
  } catch (error) {
    if (planner.onUnsupported === 'error' || !isUnsupported(error)) throw error
    const refused = overlayRefused === undefined && refusedOverlay(error, planner.project)
    if (refused) return open(options, refused)
    return new PlainSession(planner, launch, error.message)
  }
}

async function openSandboxed(
  planner: Planner,
  launch: WorkerLaunch,
  { maxWorkers }: SessionOptions,
): Promise<Session> {
  const supervisor = await Supervisor.launch()
  try {
    const kind = readHostKind()
    const session = new SandboxedSession({
      planner,
      supervisor,
      launch,
      agree: (profile) => checkHost(supervisor.hello, profile, planner.onUnsupported, kind),
      maxWorkers,
      cores: availableParallelism(),
    })
    await session.prove()
    return session
  } catch (error) {
    await supervisor.close()
    throw error
  }
}

const unsupported: readonly string[] = [
  'GLOVEBOX_UNSUPPORTED_PLATFORM',
  'GLOVEBOX_UNSUPPORTED_HOST',
  'GLOVEBOX_NO_SUPERVISOR',
]

/** Where nothing but the overlay of the project is refused, everything else can still be had. */
function refusedOverlay({ cause }: GloveboxError, project: string): string | undefined {
  const isIt = cause instanceof SandboxFault && cause.stage === 'mount-overlay' && cause.path === project
  return isIt ? `cannot be laid over ${project} (${errnoName(cause.errno ?? 0)})` : undefined
}

function isUnsupported(error: unknown): error is GloveboxError {
  return error instanceof GloveboxError && unsupported.includes(error.code)
}
