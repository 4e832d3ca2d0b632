import type { FlakyOptions, ReportOptions } from '../config/parsed-options.js'
import { GloveboxError } from '../errors.js'
import type { Quarantined } from '../flaky/quarantine.js'
import { emulationNotices } from '../host/emulation.js'
import type { Agreement } from '../host/requirements.js'
import type { Planner } from '../plan/planner.js'
import type { Mentions, Profile } from '../plan/profile.js'
import { isTemplateFault } from '../sandbox/fault.js'
import { Pool, spareTarget } from '../sandbox/pool.js'
import type { Supervisor } from '../sandbox/supervisor.js'
import { WriteBack } from '../sandbox/writeback.js'
import type { TestFailure } from '../verdict/flakiness.js'
import { howEnded } from './accident.js'
import { localeOf, sameLaunch, type WorkerLaunch, youngOf } from './launch.js'
import { type Assignment, SandboxedHost } from './sandboxed-host.js'
import { Templates } from './templates.js'
import { Turns } from './turns.js'
import type { Launch, SandboxedWorker, Session } from './types.js'
import { FileWorker, type Replace } from './worker.js'

export interface SandboxedSessionInput {
  planner: Planner
  supervisor: Supervisor
  launch: WorkerLaunch
  /** Compares a profile with what the host can give. Throws GLOVEBOX_UNSUPPORTED_HOST. */
  agree: (profile: Profile) => Agreement
  maxWorkers: number
  cores: number
}

/** A supervisor, the sandboxes that are prepared, and those that run. */
export class SandboxedSession implements Session {
  readonly sandboxed = true
  readonly turns: Turns = new Turns()
  readonly #input: SandboxedSessionInput
  readonly #base: Profile
  /** Of workers that are prepared. */
  readonly #launch: WorkerLaunch
  readonly #pool: Pool<SandboxedHost>
  readonly #writeBack: WriteBack
  readonly #templates: Templates | undefined
  readonly #files = new WeakMap<Profile, string>()
  readonly #notices = new Set<string>()
  #active = 0
  #remaining: number | undefined
  #closed = false

  constructor(input: SandboxedSessionInput) {
    this.#input = input
    const base = this.#agree(input.planner.base)
    this.#base = base
    this.#launch = withYoung(input.launch, base, base)
    this.#templates = this.#startTemplates(base)
    this.#pool = new Pool(base, () => this.#start(base, this.#launch))
    this.#writeBack = new WriteBack(input.supervisor.runDirectory)
  }

  /** Makes the first sandbox: rejects with GLOVEBOX_UNSUPPORTED_HOST or GLOVEBOX_SANDBOX where that cannot be done. */
  prove(): Promise<void> {
    return this.#pool.fillOne()
  }

  get flaky(): FlakyOptions {
    return this.#input.planner.flaky
  }

  excuse(file: string, failures: readonly TestFailure[]): Quarantined | undefined {
    return this.#input.planner.excuse(file, failures)
  }

  get hidden(): readonly string[] {
    return this.#input.planner.hidden
  }

  get report(): ReportOptions {
    return this.#input.planner.report
  }

  get notices(): readonly string[] {
    return [...this.#notices, ...this.#input.planner.notices]
  }

  beginRun(files: readonly string[]): void {
    // Only of the first run: a watch mode's later ones are of a few files.
    const unmatched = this.#remaining === undefined ? this.#input.planner.unmatchedOverrides(files) : []
    for (const notice of unmatched) this.#notices.add(notice)
    this.#remaining = files.length
    this.#writeBack.beginRun()
    this.#refill()
  }

  async profile(file: string, mentions?: Mentions): Promise<Profile> {
    const profile = this.#agree(this.#input.planner.profile(file, mentions))
    this.#files.set(profile, file)
    for (const notice of await emulationNotices(this.#input.supervisor, profile)) this.#notices.add(notice)
    return profile
  }

  async worker(profile: Profile, launch: Launch = {}): Promise<SandboxedWorker> {
    if (this.#closed) throw new GloveboxError('GLOVEBOX_STATE', 'The session is closed.')
    this.#active += 1
    if (this.#remaining !== undefined) this.#remaining = Math.max(0, this.#remaining - 1)
    try {
      const fresh = launch.fresh || localeOf(profile.env) !== localeOf(this.#base.env)
      const wanted = { ...this.#input.launch, ...launch, fresh }
      const young = withYoung(wanted, profile, this.#base)
      const host = await this.#assigned(profile, young)
      void host.ended.then(() => this.#left())
      this.#refill()
      // Flags of a process that is started afresh may name modules that run before it can say whether its file has begun.
      return new FileWorker(host, profile, host.forked ? this.#replacement(profile, young) : undefined)
    } catch (error) {
      this.#left()
      throw error
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#input.supervisor.close()
    await this.#pool.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** For a file whose worker died before any code of the file ran. */
  #replacement(profile: Profile, launch: WorkerLaunch): Replace {
    const { planner } = this.#input
    return async (ending) => {
      this.#active += 1
      try {
        const fresh = planner.worker !== 'fork'
        const host = await this.#start(profile, { ...launch, fresh }, this.#assignment(profile))
        const { file } = this.#assignment(profile)
        this.#notices.add(
          `A forked worker died (${howEnded(ending)}) before ${file} had begun in it: the file ran in another one.`,
        )
        void host.ended.then(() => this.#left())
        return host
      } catch (error) {
        this.#left()
        throw error
      }
    }
  }

  #assignment(profile: Profile): Assignment {
    return { file: this.#files.get(profile) ?? 'a file', profile, writeBack: this.#writeBack }
  }

  /** A prepared sandbox, if it fits and takes the limits; else a new one, made with them. */
  async #assigned(profile: Profile, launch: WorkerLaunch): Promise<SandboxedHost> {
    const assignment = this.#assignment(profile)
    const fits = sameLaunch(launch, this.#launch) && !(launch.fresh && this.#templates)
    const spare = fits ? await this.#pool.take(profile) : undefined
    try {
      await spare?.assign(assignment)
      if (spare?.alive) return spare
    } catch {
      // A cap below what an idle Node.js process needs, for example. Made with it, the process meets it while it starts.
    }
    await spare?.destroy()
    return this.#start(profile, launch, assignment)
  }

  /** Forked from a template where there is one; where that fails, started afresh. */
  async #start(profile: Profile, launch: WorkerLaunch, assignment?: Assignment): Promise<SandboxedHost> {
    const { supervisor } = this.#input
    const start = (template?: string) =>
      SandboxedHost.start(supervisor, profile, launch, template, assignment)
    if (launch.fresh || !this.#templates) return start()
    try {
      return (await this.#templates.fork(launch, start)) ?? start()
    } catch (error) {
      if (!isTemplateFault(error) || this.#input.planner.worker === 'fork') throw error
      this.#notices.add(`A worker could not be forked, and was started afresh: ${error.message}`)
      return start()
    }
  }

  #startTemplates(base: Profile): Templates | undefined {
    const { supervisor, planner } = this.#input
    if (planner.worker === 'spawn') return undefined
    const templates = new Templates({
      supervisor,
      base,
      preload: planner.preload,
      required: planner.worker === 'fork',
      onUnavailable: (reason) =>
        planner.worker === 'auto' &&
        this.#notices.add(`Workers are started afresh instead of being forked from a template: ${reason}.`),
    })
    // Warms up while the runner collects its files.
    void templates.get(this.#launch)
    return templates
  }

  #left(): void {
    this.#active -= 1
    this.#refill()
  }

  #refill(): void {
    const { maxWorkers, cores } = this.#input
    if (!this.#closed)
      this.#pool.fill(spareTarget({ maxWorkers, cores, active: this.#active, remaining: this.#remaining }))
  }

  #agree(profile: Profile): Profile {
    const agreement = this.#input.agree(profile)
    for (const notice of agreement.notices) this.#notices.add(notice)
    return agreement.profile
  }
}

function withYoung(launch: WorkerLaunch, profile: Profile, base: Profile): WorkerLaunch {
  const young = youngOf(launch, profile, base, Number.parseInt(process.versions.node, 10))
  return young === undefined ? launch : { ...launch, young }
}
