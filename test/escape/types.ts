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
