import { fileURLToPath } from 'node:url'
import { GloveboxError } from '../errors.js'
import type { Profile } from '../plan/profile.js'
import type { StartOptions } from '../sandbox/request.js'
import type { Supervisor } from '../sandbox/supervisor.js'
import { Templates } from '../session/templates.js'

const entry = fileURLToPath(new URL('../worker/script.js', import.meta.url))

/** With --worker the command is a script and its arguments: what Node.js is started with to run it. Throws GLOVEBOX_CONFIG. */
export function scriptCommand([script, ...args]: readonly [string, ...string[]]): [string, ...string[]] {
  if (script.startsWith('-')) {
    throw new GloveboxError('GLOVEBOX_CONFIG', `--worker: ${script} is no script`, {
      remedy: 'Name a JavaScript file first; flags of Node.js go into NODE_OPTIONS.',
    })
  }
  return [process.execPath, script, ...args]
}

/** A fork of a template, to be started in place of the command. Throws GLOVEBOX_UNSUPPORTED_HOST where Node.js cannot be forked. */
export async function forkedStart(
  supervisor: Supervisor,
  profile: Profile,
  command: readonly string[],
): Promise<StartOptions> {
  const reasons: string[] = []
  const templates = new Templates({
    supervisor,
    base: profile,
    preload: { modules: [], root: profile.cwd, source: 'command line' },
    required: true,
    onUnavailable: (reason) => reasons.push(reason),
  })
  const template = await templates.get({ entry, execArgv: [] })
  if (template === undefined) {
    throw new GloveboxError('GLOVEBOX_UNSUPPORTED_HOST', `--worker fork: ${reasons.join('; ')}`, {
      remedy: '--worker spawn starts a fresh Node.js process instead.',
    })
  }
  const { env, cwd, umask } = profile
  return { command, env, cwd, umask, template }
}
