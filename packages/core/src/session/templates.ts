import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Preload } from '../plan/planner.js'
import type { Profile } from '../plan/profile.js'
import { isTemplateFault, SandboxFault } from '../sandbox/fault.js'
import type { Entry } from '../sandbox/protocol.js'
import type { Supervisor } from '../sandbox/supervisor.js'
import { noLaterCollection, youngFlag } from '../worker/heap-flags.js'
import type { TemplateOrder } from '../worker/template-order.js'
import { unforkable } from './forkable.js'
import { templateKey, type WorkerLaunch } from './launch.js'
import { proveForks } from './self-test.js'

const main = fileURLToPath(new URL('../worker/template.js', import.meta.url))
const library = fileURLToPath(
  new URL(`../../prebuilds/${process.platform}-${process.arch}/glovebox-fork.so`, import.meta.url),
)

/** Milliseconds that a template has to warm up, and from one fork to the next: both take a fraction of a second. */
const WARM_LIMIT = 30_000
const FORK_LIMIT = 15_000

/** How many kinds of template a session may have: each holds the memory of a Node.js process. */
const MAX_KINDS = 6

/** How many times a template of one kind is started before its kind is given up. */
const ATTEMPTS = 3

const nothing = Promise.resolve(undefined)

interface Kind {
  name: string
  /** Resolves once it is warm and its forks have proved themselves; `undefined`: it cannot be had. */
  ready: Promise<string | undefined>
  /** Whether a template of this kind has served. */
  served: boolean
  failures: number
  /** Why it cannot be had. */
  reason: string
}

export interface TemplatesInput {
  supervisor: Supervisor
  /** Whose environment and working directory templates have. */
  base: Profile
  preload: Preload
  /** Workers are forked or not started at all. */
  required: boolean
  /** Called with why workers of a kind are not forked. */
  onUnavailable: (reason: string) => void
}

/** The templates of a session: one for each set of Node.js flags and each size of V8's young generation, started when first asked for, replaced when it dies. */
export class Templates {
  readonly #input: TemplatesInput
  readonly #kinds = new Map<string, Kind>()
  /** By the name of a template: how many workers it has forked. */
  readonly #forked = new Map<string, number>()
  #count = 0

  constructor(input: TemplatesInput) {
    this.#input = input
  }

  /** The name of a warm template for workers of this launch, or `undefined`: start them afresh. Never rejects. */
  get(launch: WorkerLaunch): Promise<string | undefined> {
    return this.#kind(launch).ready
  }

  /**
   * What `start` makes of a template for workers of this launch; `undefined`: there is none. A template that hangs is killed, and
   * replaced as one that dies. Rejects as `start` does. Where forks are required, a fault of a template that was replaced is not the
   * end of it, and it rejects where there is none: with a SandboxFault of stage `template`.
   */
  async fork<T>(launch: WorkerLaunch, start: (template: string) => Promise<T>): Promise<T | undefined> {
    const { required } = this.#input
    for (const tried = new Set<string>(); ; ) {
      const template = await this.get(launch)
      if (template === undefined) {
        if (required) throw unavailable(this.#kind(launch))
        return undefined
      }
      try {
        return await this.#within(template, start(template))
      } catch (error) {
        tried.add(template)
        const next = required && isTemplateFault(error) ? ((await this.get(launch)) ?? '') : template
        if (tried.has(next)) throw error
      }
    }
  }

  #kind(launch: WorkerLaunch): Kind {
    const key = templateKey(launch)
    const known = this.#kinds.get(key)
    if (known) return known
    const kind: Kind = { name: '', ready: nothing, served: false, failures: 0, reason: '' }
    this.#kinds.set(key, kind)
    const reason = this.#whyNot(launch)
    if (reason) this.#giveUp(kind, reason)
    else this.#start(kind, launch)
    return kind
  }

  #whyNot({ execArgv }: WorkerLaunch): string | undefined {
    if (!existsSync(library)) return `${library} is missing`
    if (this.#kinds.size > MAX_KINDS) return `this run needs more than ${MAX_KINDS} kinds of them`
    return unforkable(execArgv, this.#input.base.env)
  }

  #giveUp(kind: Kind, reason: string): void {
    kind.reason = reason
    kind.ready = nothing
    this.#input.onUnavailable(reason)
  }

  #start(kind: Kind, launch: WorkerLaunch): void {
    this.#count += 1
    const name = `t${this.#count}`
    const { supervisor, base } = this.#input
    kind.name = name
    supervisor.observe(name, {
      event: () => this.#died(kind, launch),
      gone: () => {},
    })
    const env = { ...base.env, LD_PRELOAD: [library, base.env.LD_PRELOAD].filter(Boolean).join(':') }
    const flags = [noLaterCollection, ...(launch.young === 'small' ? [youngFlag] : [])]
    const order: TemplateOrder = {
      library,
      entry: launch.entry,
      warm: launch.warm ?? null,
      preload: this.#input.preload,
      flags,
      failure: join(supervisor.runDirectory, `${name}.failure`),
    }
    const command = [process.execPath, ...flags, ...launch.execArgv, main, JSON.stringify(order)]
    const entries: Entry[] = [
      ['template', name],
      ...command.map((arg): Entry => ['arg', arg]),
      ...Object.entries(env).map(([key, value]): Entry => ['env', `${key}=${value}`]),
      ['cwd', base.cwd],
    ]
    kind.ready = this.#warm(kind, launch, order, entries)
  }

  async #warm(
    kind: Kind,
    launch: WorkerLaunch,
    order: TemplateOrder,
    entries: readonly Entry[],
  ): Promise<string | undefined> {
    const { supervisor, base } = this.#input
    const { name } = kind
    let late: string | undefined
    const clock = this.#retireAfter(WARM_LIMIT, name, () => {
      late = `it was not warm within ${WARM_LIMIT / 1000} s`
    })
    let reason: string | undefined
    try {
      await supervisor.request('template', entries)
      clearTimeout(clock)
      const within = <T>(forking: Promise<T>): Promise<T> => this.#within(name, forking)
      reason = await proveForks({ supervisor, base, launch, template: name, library, within })
    } catch (error) {
      const own = await readFile(order.failure, 'utf8').catch(() => undefined)
      reason = own ?? late ?? (error instanceof SandboxFault ? error.message : String(error))
    } finally {
      clearTimeout(clock)
    }
    if (kind.name !== name) return kind.ready // it died while it was tested, and was replaced
    kind.served ||= reason === undefined
    if (reason === undefined) return name
    this.#giveUp(kind, reason)
    supervisor.forget(name)
    void this.#retire(name)
    return undefined
  }

  /**
   * Waits for what a template is to fork; one that hangs is killed, so that the wait ends. It forks one after another: as long as others
   * come, it does not hang, however long this one has to wait on a busy machine.
   */
  async #within<T>(name: string, forking: Promise<T>): Promise<T> {
    let clock: NodeJS.Timeout | undefined
    const watch = () => {
      const before = this.#forked.get(name)
      clock = setTimeout(() => {
        if (this.#forked.get(name) === before) void this.#retire(name)
        else watch()
      }, FORK_LIMIT)
    }
    watch()
    try {
      const made = await forking
      this.#forked.set(name, (this.#forked.get(name) ?? 0) + 1)
      return made
    } finally {
      clearTimeout(clock)
    }
  }

  #retireAfter(milliseconds: number, name: string, onLate: () => void = () => {}): NodeJS.Timeout {
    return setTimeout(() => {
      onLate()
      void this.#retire(name)
    }, milliseconds)
  }

  async #retire(name: string): Promise<void> {
    // An error says that it has died by itself.
    await this.#input.supervisor.request('retire', [['template', name]]).catch(() => {})
  }

  /** It served before it died, so another one will, too; up to a point. */
  #died(kind: Kind, launch: WorkerLaunch): void {
    this.#input.supervisor.forget(kind.name)
    kind.failures += 1
    kind.name = ''
    if (!kind.served) this.#giveUp(kind, 'its template died, or hung, when its first workers were forked')
    else if (kind.failures < ATTEMPTS) this.#start(kind, launch)
    else this.#giveUp(kind, `its template died ${ATTEMPTS} times`)
  }
}

function unavailable({ reason }: Kind): SandboxFault {
  const remedy = "`worker: 'auto'` starts them afresh instead"
  return new SandboxFault({
    stage: 'template',
    message: `Workers cannot be forked from a template: ${reason}. ${remedy}.`,
  })
}
