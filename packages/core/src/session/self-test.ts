import { fileURLToPath } from 'node:url'
import type { Profile } from '../plan/profile.js'
import type { Ending } from '../sandbox/ending.js'
import { isTemplateFault } from '../sandbox/fault.js'
import type { Supervisor } from '../sandbox/supervisor.js'
import { isBegun } from '../worker/begun.js'
import type { SelfTestAnswer, SelfTestOrder } from '../worker/self-test.js'
import type { WorkerLaunch } from './launch.js'
import { SandboxedHost } from './sandboxed-host.js'
import { isProven, proofOf, rememberProof } from './self-test-proof.js'

const entry = fileURLToPath(new URL('../worker/self-test.js', import.meta.url))

/** Milliseconds for all of it, which takes a tenth of a second: this ends what hangs, on a machine that is busy, too. */
const LIMIT = 30_000

const EXIT_CODE = 3

export interface SelfTestInput {
  supervisor: Supervisor
  /** Of the sandboxes that are tested in. */
  base: Profile
  launch: WorkerLaunch
  /** The name of one that is warm. */
  template: string
  /** Path of glovebox-fork.so. */
  library: string
  /** Sees to it that waiting for a fork comes to an end. */
  within: <T>(forking: Promise<T>) => Promise<T>
}

/**
 * Why workers that are forked from this template are not to be used; `undefined`: they do what Node.js does, or have done so before with
 * the same executable, library and flags. Never rejects.
 */
export async function proveForks(input: SelfTestInput): Promise<string | undefined> {
  const { library, launch, base } = input
  const proof = proofOf({ library, execArgv: launch.execArgv, env: base.env })
  if (isProven(proof)) return undefined
  try {
    const [works, exits] = await Promise.all([
      run(input, {}, checked),
      run(input, { exit: EXIT_CODE }, exited),
    ])
    const failure = works ?? exits
    if (failure === undefined) rememberProof(proof)
    return failure && `a forked worker failed the self-test: ${failure}`
  } catch (error) {
    // Where no sandbox can be made, whoever needs one will be told.
    return isTemplateFault(error) ? error.message : undefined
  }
}

type Judge = (ending: Ending, answered: boolean) => string | undefined

async function run(
  { supervisor, base, launch, template, within }: SelfTestInput,
  order: SelfTestOrder,
  judge: Judge,
): Promise<string | undefined> {
  const host = await within(SandboxedHost.start(supervisor, base, { ...launch, entry }, template))
  let late = false
  const clock = setTimeout(() => {
    late = true
    host.kill('the self-test took too long')
  }, LIMIT)
  try {
    const answer = await new Promise<SelfTestAnswer | undefined>((resolve) => {
      host.channel.onMessage((message) => {
        if (!isBegun(message)) resolve(message as SelfTestAnswer)
      })
      void host.ended.then(() => resolve(undefined))
      host.channel.send(order)
    })
    if (answer && answer.failures.length > 0) return answer.failures.join('; ')
    host.channel.end()
    const ending = await host.ended
    return late ? `it did not ${answer ? 'end' : 'answer'} within ${LIMIT / 1000} s` : judge(ending, !!answer)
  } finally {
    clearTimeout(clock)
    await host.destroy()
  }
}

function checked(ending: Ending, answered: boolean): string | undefined {
  if (!answered) return `it ended ${how(ending)} before it answered`
  return ending.code === 0 ? undefined : `it ended ${how(ending)} when nothing was left to do`
}

function exited(ending: Ending): string | undefined {
  return ending.code === EXIT_CODE ? undefined : `process.exit(${EXIT_CODE}) ended it ${how(ending)}`
}

function how({ code, signal, cause }: Ending): string {
  if (signal !== undefined) return `by ${signal}`
  return code === undefined ? `(${cause.kind})` : `with code ${code}`
}
