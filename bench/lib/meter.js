import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { openCgroup } from './cgroup.js'

// "$1" lines up the files to join; `times` is how a shell tells the CPU time of the children that it waited for.
const joined = 'for file in $1; do echo $$ > "$file"; done; shift; exec "$@"'
const timed = 'shift; "$@"; code=$?; times >&4; exit $code'

/**
 * Runs a command and measures its whole process tree: `cpu` and `wall` in milliseconds, `memory` (peak) in bytes where a cgroup
 * can be made. A command with `marks` is a Node.js script that sends 'begin' and 'end' over IPC and waits for an answer: then only
 * what lies between is measured (needs a cgroup). Throws when the command fails, unless it `mayFail`.
 */
export async function measure({ command, args, cwd, env = {}, marks = false, mayFail = false }) {
  const cgroup = openCgroup()
  try {
    if (marks && !cgroup) throw new Error('a cgroup is needed to measure a part of a process’s life')
    const script = cgroup ? joined : timed
    const joins = cgroup ? cgroup.joins.join(' ') : ''
    const started = performance.now()
    const child = spawn('sh', ['-c', script, 'sh', joins, command, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', marks ? 'ipc' : 'ignore', cgroup ? 'ignore' : 'pipe'],
    })
    const between = marks ? markedPart(child, cgroup) : undefined
    const reads = [child.stdout, child.stderr, child.stdio[4]].map((stream) => (stream ? text(stream) : ''))
    const [code, signal] = await once(child, 'close')
    const wall = performance.now() - started
    const [out, err, times] = await Promise.all(reads)
    if (code !== 0 && !mayFail) {
      throw new Error(`${[command, ...args].join(' ')} ended with ${signal ?? code}:\n${out}${err}`)
    }
    return {
      wall,
      cpu: cgroup ? cgroup.cpu() : childrenTime(times),
      memory: cgroup?.memory(),
      ...between?.(),
      output: out + err,
    }
  } finally {
    await cgroup?.close()
  }
}

/** Collects CPU and wall clock at the marks; the returned function gives the difference. */
function markedPart(child, cgroup) {
  const at = new Map()
  child.on('message', (mark) => {
    at.set(mark, { cpu: cgroup.cpu(), wall: performance.now() })
    child.send('go on')
  })
  return () => {
    const [begin, end] = [at.get('begin'), at.get('end')]
    return { cpu: end.cpu - begin.cpu, wall: end.wall - begin.wall }
  }
}

/** The second line of `times`: user and system time of the children, e.g. `0m1.250s 0m0.310s`. */
function childrenTime(times) {
  const parts = times
    .trim()
    .split('\n')
    .at(-1)
    .match(/\d+m[\d.]+s/g)
  return parts.reduce((sum, part) => {
    const [minutes, seconds] = part.split('m')
    return sum + Number(minutes) * 60_000 + Number.parseFloat(seconds) * 1_000
  }, 0)
}
