import picomatch from 'picomatch'
import type { ParsedFileOptions } from '../config/parsed-options.js'

/** Names that say that their value is a secret. */
const secret =
  /password|passwd|passphrase|secret|credential|authtoken|apikey|(^|_)(tokens?|keys?)(_|$)|_(auth|pat|pwd)$/i

/** They lead to sockets that are hidden. */
const agents = ['SSH_AUTH_SOCK', 'SSH_AGENT_PID', 'DBUS_SESSION_BUS_ADDRESS']

export interface EnvironmentInput {
  options: ParsedFileOptions['env']
  /** What the runner would give its workers. */
  inherited: Readonly<Record<string, string | undefined>>
  home: string
  user: 'caller' | 'root'
  tmpdir: string
  hostname: string
  cwd: string
  /** A directory of PATH as it can be reached inside the sandbox. */
  reach: (directory: string) => string
}

/** The environment of the worker. */
export function resolveEnvironment(input: EnvironmentInput): Record<string, string> {
  const { base = 'inherit', set = {}, unset = [], keep = [] } = input.options ?? {}
  const drops = (name: string) =>
    agents.includes(name) ||
    matches(unset, name) ||
    (base === 'clean' && secret.test(name) && !matches(keep, name))
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(input.inherited)) {
    if (value !== undefined && !drops(name)) env[name] = value
  }
  if (env.PATH !== undefined) env.PATH = env.PATH.split(':').map(input.reach).join(':')
  // os.userInfo() says so, too.
  for (const name of ['USER', 'LOGNAME']) if (input.user === 'root' && name in env) env[name] = 'root'
  if (env.PWD !== undefined) env.PWD = input.cwd
  if (env.TMPDIR !== undefined || input.tmpdir !== '/tmp') env.TMPDIR = input.tmpdir
  return { ...env, HOME: input.home, HOSTNAME: input.hostname, ...set }
}

function matches(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => picomatch.isMatch(name, pattern, { dot: true, bash: true }))
}
