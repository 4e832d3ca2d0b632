import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { measure } from '../lib/meter.js'

const bench = dirname(dirname(fileURLToPath(import.meta.url)))
const cli = join(bench, '../packages/core/dist/cli/main.js')
// The cheapest way to start a command many times: the loop of a shell.
const loop = 'count=$1; shift; while [ "$count" -gt 0 ]; do "$@" || exit; count=$((count - 1)); done'

const unshare = [
  'unshare',
  '--fork',
  '--pid',
  '--net',
  '--mount',
  '--uts',
  '--ipc',
  '--user',
  '--map-root-user',
]
const bwrap = ['bwrap', '--unshare-all', '--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev']

/** Creating and destroying one sandbox, with `/bin/true` in it. Figures are for one sandbox. */
export function sandboxSuite({ sandboxes }) {
  const tools = [
    shellVariant('no sandbox', [], sandboxes),
    shellVariant('unshare', unshare, sandboxes),
    shellVariant('bwrap', bwrap, sandboxes),
    sessionVariant('Glovebox, root as bwrap', ['plain', 'true'], sandboxes),
    sessionVariant('Glovebox', ['default', 'true'], sandboxes),
    sessionVariant('Glovebox, no command', ['default', 'none'], sandboxes),
    shellVariant('glovebox run', [process.execPath, cli, 'run', '--'], Math.ceil(sandboxes / 20)),
  ]
  return {
    title: `One sandbox, made and destroyed (each figure from ${sandboxes} in a row)`,
    per: 'sandbox',
    references: ['bwrap', 'unshare'],
    variants: tools.filter(({ reason }) => !reason),
    skipped: tools.filter(({ reason }) => reason).map(({ name, reason }) => ({ name, reason })),
  }
}

function shellVariant(name, prefix, count) {
  return {
    name,
    reason: prefix.length > 0 ? refusal([...prefix, '/bin/true']) : undefined,
    measure: async () =>
      perSandbox(
        await measure({ command: 'sh', args: ['-c', loop, 'sh', String(count), ...prefix, '/bin/true'] }),
        count,
      ),
  }
}

/** Many sandboxes of one session, as in a run of Vitest; starting the session is not part of the figure. */
function sessionVariant(name, what, count) {
  const script = join(bench, 'lib/sandbox-loop.js')
  return {
    name,
    measure: async () =>
      perSandbox(
        await measure({ command: process.execPath, args: [script, String(count), ...what], marks: true }),
        count,
      ),
  }
}

/** Why a tool cannot be measured here: not installed, or refused by the host. */
function refusal([command, ...args]) {
  const { error, status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (error) return error.code === 'ENOENT' ? `${command} is not installed` : error.message
  return status === 0 ? undefined : stderr.trim().split('\n').at(-1) || `it ended with ${status}`
}

function perSandbox({ cpu, wall, memory }, count) {
  return { cpu: cpu && cpu / count, wall: wall / count, memory }
}
