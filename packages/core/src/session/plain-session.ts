import type { FlakyOptions, ReportOptions } from '../config/parsed-options.js'
import type { Quarantined } from '../flaky/quarantine.js'
import type { Planner } from '../plan/planner.js'
import type { Mentions, Profile } from '../plan/profile.js'
import type { TestFailure } from '../verdict/flakiness.js'
import type { WorkerLaunch } from './launch.js'
import { PlainHost } from './plain-host.js'
import { Turns } from './turns.js'
import type { Launch, SandboxedWorker, Session } from './types.js'
import { FileWorker } from './worker.js'

/** Files run without sandboxes, because there can be none here and the user chose to go on. */
export class PlainSession implements Session {
  readonly sandboxed = false
  readonly hidden: readonly string[] = []
  readonly turns: Turns = new Turns()
  readonly #planner: Planner
  readonly #launch: WorkerLaunch
  readonly #reason: string
  readonly #hosts = new Set<PlainHost>()

  constructor(planner: Planner, launch: WorkerLaunch, reason: string) {
    this.#planner = planner
    this.#launch = launch
    this.#reason = reason
  }

  get flaky(): FlakyOptions {
    return this.#planner.flaky
  }

  excuse(file: string, failures: readonly TestFailure[]): Quarantined | undefined {
    return this.#planner.excuse(file, failures)
  }

  get report(): ReportOptions {
    return this.#planner.report
  }

  get notices(): readonly string[] {
    return [
      `Files run WITHOUT sandboxes (onUnsupported: 'warn'): nothing is isolated, only timeouts are enforced. ${this.#reason}`,
      ...this.#planner.notices,
    ]
  }

  async profile(file: string, mentions?: Mentions): Promise<Profile> {
    // Nothing is between the file and the host's network.
    return { ...this.#planner.profile(file, mentions), network: 'host' }
  }

  async worker(profile: Profile, launch: Launch = {}): Promise<SandboxedWorker> {
    const host = new PlainHost(profile, { ...this.#launch, ...launch })
    this.#hosts.add(host)
    void host.ended.then(() => this.#hosts.delete(host))
    return new FileWorker(host, profile)
  }

  beginRun(): void {}

  async close(): Promise<void> {
    await Promise.all([...this.#hosts].map((host) => host.destroy()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
