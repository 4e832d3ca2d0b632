/** What came of a turn, and who else had one meanwhile. */
export interface Turn<T> {
  value: T
  /** Names of the files that ran at the same time, for however short a time; none for a file that ran alone. */
  beside: readonly string[]
}

/**
 * Whose turn it is to run: files run side by side, unless one is to run alone, to tell whether it fails without the others, too. That one waits
 * until those that run have ended, and those that come later wait for it.
 */
export class Turns {
  readonly #running = new Map<symbol, { file: string; beside: Set<string> }>()
  /** Those that want to be alone, the first of them next or now. */
  readonly #lonely: symbol[] = []
  readonly #waiting = new Set<() => void>()

  async beside<T>(file: string, work: () => Promise<T>): Promise<Turn<T>> {
    await this.#until(() => this.#lonely.length === 0)
    const beside = new Set<string>()
    for (const other of this.#running.values()) {
      beside.add(other.file)
      other.beside.add(file)
    }
    const id = Symbol(file)
    this.#running.set(id, { file, beside })
    try {
      return { value: await work(), beside: [...beside].sort() }
    } finally {
      this.#running.delete(id)
      this.#wake()
    }
  }

  async alone<T>(file: string, work: () => Promise<T>): Promise<Turn<T>> {
    const id = Symbol(file)
    this.#lonely.push(id)
    try {
      await this.#until(() => this.#lonely[0] === id && this.#running.size === 0)
      return { value: await work(), beside: [] }
    } finally {
      this.#lonely.splice(this.#lonely.indexOf(id), 1)
      this.#wake()
    }
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.add(resolve))
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}
