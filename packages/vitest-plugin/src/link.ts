import { type Blocked, forkRefused, type Hints, portsInUse, type TestTime } from '@glovebox/core/adapter'
import type { RunnerTask, RunnerTestFile } from 'vitest'
import { receiveAttachments } from './attachments.js'
import { endsModule } from './meta.js'
import { createOwnership, type OwnModule } from './ownership.js'
import { isCall, isNote, type RpcCall, type RpcReply, type TaskUpdate } from './protocol.js'
import { createRefusals, createTestTimes } from './refusals.js'

/**
 * The calls that go from one worker to Vitest. All pass as they are, except the end of the module: it is held back
 * until the sandbox was judged, because only then it is known whether the module failed.
 */
export interface Link {
  /** The module as Vitest knows it: the object in its state. */
  readonly file: RunnerTestFile | undefined
  readonly progress: ReadonlyMap<string, RunnerTask['result']>
  /** Updates from the module's end on. */
  readonly held: readonly TaskUpdate[]
  /** Files that Vitest wrote in the worker. */
  readonly wrote: ReadonlySet<string>
  /** Errors that nobody caught. Kept back with the end of the module: the file may be run again. */
  readonly unhandled: readonly { message?: string }[]
  /** Hands them to Vitest. */
  tellUnhandled(): Promise<void>
  /** Whether an error of the file was ENOSPC. */
  readonly noSpace: boolean
  /** One of them was EXDEV. */
  readonly crossDevice: boolean
  /** Whether an error says that a process was refused. */
  readonly forkRefused: boolean
  /** Ports that its errors say are taken. */
  readonly portsInUse: ReadonlySet<number>
  /** What the file asked for on the network, and could not have. */
  readonly refused: readonly Blocked[]
  /** When its tests ran. */
  readonly times: readonly TestTime[]
  /** Others in whose name the worker spoke. None of that was passed on. */
  readonly foreign: ReadonlySet<string>
  /** From the worker: a call or a note. */
  receive(message: unknown): void
  /** From Vitest: true when it answers a call of `call`, so that the worker must not see it. */
  settle(reply: RpcReply): boolean
  /** Calls Vitest in the worker's place; settles when it is done. */
  call(method: string, args: unknown[]): Promise<void>
  /** Gives up waiting, because Vitest stopped listening. */
  close(): void
}

export interface LinkEnds {
  toVitest(message: unknown): void
  toWorker(message: unknown): void
}

/** What it saw and the supervisor cannot know. */
export function hintsOf(link: Link): Hints {
  return {
    noSpace: link.noSpace,
    crossDevice: link.crossDevice,
    forkRefused: link.forkRefused,
    portsInUse: [...link.portsInUse],
    blocked: link.refused,
    tests: link.times,
    persist: [...link.wrote],
  }
}

/** `module`: the only one that the worker may speak of. */
export function createLink(module: OwnModule, { toVitest, toWorker }: LinkEnds): Link {
  const ownership = createOwnership(module)
  const attachments = receiveAttachments()
  const progress = new Map<string, RunnerTask['result']>()
  const refusals = createRefusals(progress)
  const times = createTestTimes()
  const held: TaskUpdate[] = []
  const uncaught: unknown[][] = []
  const wrote = new Set<string>()
  const waiting = new Map<string, () => void>()
  let file: RunnerTestFile | undefined
  const takenPorts = new Set<number>()
  let noSpace = false
  let crossDevice = false
  let refusedFork = false
  let calls = 0
  let closed = false

  /** What Vitest is not asked is answered here. */
  function answer({ i }: RpcCall): void {
    if (i !== undefined) toWorker({ t: 's', i, r: undefined } satisfies RpcReply)
  }

  function receiveCall(received: RpcCall): void {
    const call = ownership.admit(received)
    if (call === undefined) answer(received)
    else pass(call)
  }

  function pass(call: RpcCall): void {
    switch (call.m) {
      case 'onQueued':
        file = call.a[0] as RunnerTestFile
        break
      case 'onCollected':
        file = (call.a[0] as RunnerTestFile[])[0] ?? file
        break
      case 'onUnhandledError':
        uncaught.push(call.a)
        answer(call)
        return
      case 'onTaskArtifactRecord':
        attachments.resolve(call)
        break
      case 'onAfterSuiteRun': {
        // Vitest 5 sends the path of a file with the coverage instead of the coverage itself.
        const { coverage } = call.a[0] as { coverage?: unknown }
        if (typeof coverage === 'string') wrote.add(coverage)
        break
      }
      case 'onTaskUpdate': {
        const update = call.a as TaskUpdate
        noSpace ||= messages(update).some((message) => /\bENOSPC\b/.test(message))
        crossDevice ||= messages(update).some((message) => /\bEXDEV\b/.test(message))
        refusedFork ||= messages(update).some(forkRefused)
        for (const port of messages(update).flatMap(portsInUse)) takenPorts.add(port)
        if (held.length === 0 && !endsModule(update, file)) break
        held.push(update)
        answer(call)
        return
      }
    }
    toVitest(call)
  }

  function call(method: string, args: unknown[]): Promise<void> {
    if (closed) return Promise.resolve()
    const id = `glovebox:${calls++}`
    return new Promise((resolve) => {
      waiting.set(id, resolve)
      toVitest({ t: 'q', m: method, a: args, i: id } satisfies RpcCall)
    })
  }

  return {
    get file() {
      return file
    },
    get unhandled() {
      return uncaught.map(([error]) => error as { message?: string })
    },
    get noSpace() {
      return noSpace
    },
    get crossDevice() {
      return crossDevice
    },
    get forkRefused() {
      return refusedFork
    },
    portsInUse: takenPorts,
    refused: refusals.all,
    get times() {
      return times.of(file)
    },
    foreign: ownership.foreign,
    progress,
    held,
    wrote,
    receive(message) {
      if (isNote(message)) {
        if (message.glovebox === 'test') {
          progress.set(message.id, message.result)
          times.receive(message)
        }
        if (message.glovebox === 'refused') refusals.receive(message, file)
        if (message.glovebox === 'wrote') wrote.add(message.path)
        if (message.glovebox === 'attachment') attachments.receive(message.path, message.content)
      } else if (isCall(message)) {
        receiveCall(message)
      } else {
        toVitest(message)
      }
    },
    settle(reply) {
      const done = waiting.get(reply.i)
      waiting.delete(reply.i)
      done?.()
      return done !== undefined
    },
    call,
    async tellUnhandled() {
      for (const args of uncaught) await call('onUnhandledError', args)
    },
    close() {
      closed = true
      attachments.remove()
      for (const done of waiting.values()) done()
      waiting.clear()
    },
  }
}

function messages([packs]: TaskUpdate): string[] {
  return packs.flatMap(([, result]) => result?.errors?.map(({ message }) => message ?? '') ?? [])
}
