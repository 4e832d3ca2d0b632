// @ts-check
/** Imported by fixtures: kills the supervisor of the process that it runs in, in one go. */
import { readdirSync, readFileSync } from 'node:fs'

/**
 * @param {'all' | 'slowly'} how `all`: with relay and keeper; `slowly`: the relay, whose end this process waits for, is stopped instead
 */
export function killSupervisor(how) {
  const relay = childrenOf(process.pid).find((pid) => commandOf(pid).includes('glovebox-supervisor'))
  if (relay === undefined) throw new Error('this process has no supervisor')
  const [keeper = 0] = childrenOf(relay)
  const [supervisor = 0] = childrenOf(keeper)
  process.kill(relay, how === 'all' ? 'SIGKILL' : 'SIGSTOP')
  if (how === 'all') process.kill(keeper, 'SIGKILL')
  process.kill(supervisor, 'SIGKILL')
}

/** @param {number} pid */
function childrenOf(pid) {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' '))
    .filter(Boolean)
    .map(Number)
}

/** @param {number} pid */
function commandOf(pid) {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
}
