import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

/** Milliseconds between two looks at the tree: a small file takes some fifty. */
const INTERVAL = 15

/** A reporter of Vitest that notes the highest proportional set size (PSS) of its process and all below it, bytes. */
export default class TreeMemoryReporter {
  #peak = 0
  #timer

  onInit() {
    this.#timer = setInterval(() => {
      this.#peak = Math.max(this.#peak, sizeOf(process.pid))
    }, INTERVAL).unref()
  }

  onTestRunEnd() {
    clearInterval(this.#timer)
    writeFileSync('tree-memory.json', JSON.stringify(this.#peak))
  }
}

function sizeOf(pid) {
  try {
    const [, kilobytes] = /^Pss: +(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))
    return Number(kilobytes) * 1024 + childrenOf(pid).reduce((sum, child) => sum + sizeOf(child), 0)
  } catch {
    return 0 // ended meanwhile
  }
}

function childrenOf(pid) {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean),
  )
}
