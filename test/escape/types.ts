import type { Leak, Verdict, VerdictKind, WorkerChannel } from '@glovebox/core/adapter'
import type { Role } from '../harness/users.js'

/** What the acts aim at: all of it is outside of the sandbox, and belongs to the tests. */
export interface Targets {
  /** Executable of act.c, and a copy of it that is root's and set-user-id. */
  helper: string
  setuid: string
  runner: number
  bystander: number
  /** Of a byte in the bystander's memory. */
  address: string
  /** Key of System V objects, name of a POSIX queue, both the bystander's. */
  key: number
  queue: string
  /** A file in a directory that is the bystander's working directory, and `/tmp`'s or `$HOME`'s. */
  secret: string
  content: string
  tcp: number
  udp: number
  abstract: string
  /** Paths of sockets that something listens on. */
  sockets: Record<'temporary' | 'agent' | 'dbus' | 'docker', string>
  /** Directory of the supervisor's socket and files; unset in the control, which has one of its own. */
  runDirectories: string
  project: string
  /** A directory of the host that lies outside of the project and of everything private. */
  outside: string
}

export interface Act {
  /** Completes "a test cannot …". */
  name: string
  /** Returns if it succeeded. Throws, with the errno's name in `code` or `message`, if not. */
  act(targets: Targets): unknown
  /** How it must fail in a sandbox. */
  refused: RegExp
  /** The same act where nothing is in the way, if that takes other steps. */
  control?(targets: Targets): unknown
  /** The control needs root; a sandbox of either user is tried. */
  controlledBy?: 'root'
  /** How the control fails where the kernel does not have what the act needs. */
  missing?: RegExp
  /** Whose sandbox is tried; either if it is left out. */
  as?: Role
}

export interface Outcome {
  name: string
  outcome: string
}

/** An act that has a sandbox for itself. */
export interface Ending {
  /** Completes "a file that tries …". */
  name: string
  act(targets: Targets, channel: WorkerChannel): unknown
  /** What a file gets that did it; `passed-through` alone if it is left out. */
  verdict?: readonly VerdictKind[]
  /** What it says of it, `ok` or its error; left out: it never gets so far. */
  answer?: RegExp
  /** Instead of the act itself, where that would not be bounded outside. The control has to succeed. */
  control?(targets: Targets): unknown
  /** The control is carried out in namespaces of its own, with nothing else of Glovebox. */
  apart?: true
  /** In a file with a limit of one second. */
  short?: true
  /** Holds with a memory cgroup; what a process that has ended used is not seen by sampling. */
  byCgroup?: true
  /** What of it outlives the file, and is reported. */
  leaks?: RegExp
}

export interface EndingOutcome {
  name: string
  answer: string | undefined
  verdict: Verdict
  leaks: readonly Leak[]
}
