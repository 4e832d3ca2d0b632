import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { openCgroup } from './cgroup.js'
import { interruption } from './interruption.js'

// "$1" lines up the files to join, none where no cgroup can be made.
const script = 'for file in $1; do echo $$ > "$file"; done; shift; exec "$@"'

/**
 * Runs a command and measures its whole process tree: `wall` and `cpu` in milliseconds, `memory` (peak) in bytes; the latter two are
 * absent where no cgroup can be made: what a parent is told of its children's CPU leaves out those that a sandbox took with it. A
 * command with `marks` is a Node.js script that sends 'begin' and 'end' over IPC and waits for an answer: then CPU and wall are
 * those of what lies between. Throws when the command fails, unless it `mayFail`, and `Interrupted`.
 */
export async function measure({ command, args, cwd, env = {}, marks = false, mayFail = false }) {
  interruption.throwIfAborted()
  const cgroup = openCgroup()
  try {
    const started = performance.now()
    const joins = cgroup ? cgroup.joins.join(' ') : ''
    const child = spawn('sh', ['-c', script, 'sh', joins, command, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', marks ? 'ipc' : 'ignore'],
    })
    const between = marks ? markedPart(child, cgroup) : undefined
    const end = () => child.kill(interruption.reason.signal)
    interruption.addEventListener('abort', end)
    const reads = Promise.all([text(child.stdout), text(child.stderr)])
    const [code, signal] = await once(child, 'close')
    const wall = performance.now() - started
    const output = (await reads).join('')
    interruption.removeEventListener('abort', end)
    interruption.throwIfAborted()
    if (code !== 0 && !mayFail) {
      throw new Error(`${[command, ...args].join(' ')} ended with ${signal ?? code}:\n${output}`)
    }
    return { wall, cpu: cgroup?.cpu(), memory: cgroup?.memory(), ...between?.(), output }
  } finally {
    await cgroup?.close()
  }
}

/** Collects CPU and wall clock at the marks; the returned function gives the difference. */
function markedPart(child, cgroup) {
  const at = new Map()
  child.on('message', (mark) => {
    at.set(mark, { cpu: cgroup?.cpu(), wall: performance.now() })
    child.send('go on')
  })
  return () => {
    const [begin, end] = [at.get('begin'), at.get('end')]
    return { cpu: cgroup && end.cpu - begin.cpu, wall: end.wall - begin.wall }
  }
}
