import type { TestTime } from '@glovebox/core/adapter'
import type { AssertionResult, TestCaseResult, TestEvents } from '@jest/test-result'
import type { Note } from './protocol.js'

export type StartedTest = TestEvents['test-case-start'][1]

/** Which tests of a file have ended, and which run: all that is left of them if the process dies. */
export class Progress {
  readonly #finished: AssertionResult[] = []
  readonly #running: StartedTest[] = []
  readonly #times: TestTime[] = []

  get finished(): readonly AssertionResult[] {
    return this.#finished
  }

  get running(): readonly StartedTest[] {
    return this.#running
  }

  note(event: Extract<Note, { glovebox: 'event' }>): void {
    const [, test] = event.payload
    if (event.name === 'test-case-start') {
      this.#running.push(event.payload[1])
      this.#times.push({ test: nameOf(test), begun: event.at })
    } else {
      this.#end(event.payload[1])
      const time = this.#times.findLast((each) => each.test === nameOf(test) && each.ended === undefined)
      if (time) time.ended = event.at
    }
  }

  /** When each ran. */
  get times(): readonly TestTime[] {
    return this.#times
  }

  /** The name of the test that runs, if it is just one. */
  get current(): string | undefined {
    const [only, ...more] = this.#running
    return only && more.length === 0 ? nameOf(only) : undefined
  }

  #end(result: TestCaseResult): void {
    const started = this.#running.findIndex((test) => isSame(test, result))
    if (started >= 0) this.#running.splice(started, 1)
    // A retry replaces what it repeats; otherwise two tests may well have the same name.
    const repeated = this.#finished.findLastIndex((other) => isSame(other, result))
    if ((result.invocations ?? 1) > 1 && repeated >= 0) this.#finished[repeated] = result
    else this.#finished.push(result)
  }
}

interface Named {
  ancestorTitles: readonly string[]
  title: string
}

/** `suite > test`. */
function nameOf({ ancestorTitles, title }: Named): string {
  return [...ancestorTitles, title].join(' > ')
}

function isSame(a: Named, b: Named): boolean {
  return JSON.stringify([a.ancestorTitles, a.title]) === JSON.stringify([b.ancestorTitles, b.title])
}
