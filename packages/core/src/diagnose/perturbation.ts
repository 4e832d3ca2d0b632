import type { FileOptions } from '../config/options.js'
import type { Meeting } from './meeting.js'

/** The one thing in which a trial differs from the baseline. */
export interface Perturbation {
  /** Stable, and what `--under` takes: `cpus=0.1`. */
  id: string
  dimension: Dimension
  /** Completes "fails …": `with 0.1 CPUs`. */
  label: string
  /** 0: tried at once. 1: tried when its dimension turned out to matter. */
  wave: 0 | 1
  change: Change
  /** Trials before it is looked at for the first time. */
  first: number
  /** Each trial has the next seed. What comes of single seeds is looked at afterwards. */
  varies?: 'order' | 'randomness'
  /** What it is compared with, instead of the baseline. */
  against?: string
  /** It changes what all of these change: while it makes no difference, they need not be tried. */
  members?: readonly string[]
}

export type Dimension =
  | 'null'
  | 'cpu'
  | 'event-loop'
  | 'memory'
  | 'pids'
  | 'open-files'
  | 'disk'
  | 'io'
  | 'network'
  | 'services'
  | 'ports'
  | 'hostname'
  | 'time-zone'
  | 'locale'
  | 'environment'
  | 'uptime'
  | 'date'
  | 'randomness'
  | 'order'
  | 'leftovers'
  | 'umask'
  | 'copies'
  | 'company'
  | 'together'
  | 'node'

export interface Change {
  /** Over everything that the user wrote. */
  options?: FileOptions
  /** Done in the worker before the runner is loaded. */
  inside?: Orders
  /** Shuffles the tests of the file by this seed. */
  shuffle?: number
  /** Runs the named test without the others of its file. */
  alone?: true
  /** Runs so many of the file at once, with a common directory for temporary files and a common home; the first one counts. */
  copies?: number
  /** Runs these files before, in the same process: absolute paths. The empty list: one process without a predecessor. */
  company?: readonly string[]
  /** Runs these files, relative to the runner's root, at the same time, each in a sandbox of its own as in any run. */
  beside?: readonly string[]
  /** Absolute path of the Node.js that the runner and its worker are. */
  node?: string
}

/** What `inside.ts` does in the worker. */
export interface Orders {
  /** Writes what it sees to this file when the worker ends. */
  observe?: { report: string; project: string }
  /** Makes `Math.random` and `node:crypto` start from this seed. */
  seed?: number
  /** Moves `Date` to this moment, from where it goes on; `timekeeper`: path of the library, filled in by the trial. */
  date?: { to: Moment; timekeeper?: string }
  /** Blocks the event loop: milliseconds blocked, and between two blocks. */
  stall?: { block: number; pause: number }
  /** Each access to a file takes so many milliseconds longer. */
  slowFiles?: number
  /** So many programs beside it want as much of the CPU as they get. */
  rivals?: number
  /** TCP ports on which something listens already. */
  occupy?: readonly number[]
  /** TCP ports of loopback on which nothing answers any more. */
  refuse?: readonly number[]
  /** Files that are there already. */
  restore?: readonly Leftover[]
  /** Files of others are there already, in the directory for temporary files and at home. */
  litter?: true
  /** It waits for the other copies of it. */
  meet?: Meeting
  /** Made empty once the orders were carried out, as an acknowledgement: an absolute path. */
  taken?: string
}

/** ISO 8601 without a zone: local time of the worker. */
export type Moment = string

export interface Leftover {
  path: string
  mode: number
  /** Base64; `undefined` for a directory. */
  content?: string
}

/** What the first trial saw the file do. */
export interface Observation {
  /** TCP ports that it listened on by number. */
  ports: readonly number[]
  /** Whether it looked up a name or connected to something. */
  talks: boolean
  /** TCP ports of loopback on which it reached something that it had not started itself. */
  services: readonly number[]
  /** Files that it left behind. */
  leftovers: readonly Leftover[]
}
