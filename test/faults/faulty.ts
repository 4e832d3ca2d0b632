/** The fault-injection build of the supervisor (native/test/faults.c): how often it makes each system call, and which one is to fail. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'

/** Who makes a call, by how many forks deep it is. A worker counts as its init until it executes. */
export const roles = ['relay', 'keeper', 'supervisor', 'init'] as const
export type Role = (typeof roles)[number]

export interface Fault {
  role: Role
  /** A kind of system call, or `any`. */
  call: string
  /** From 1, of each process of that role. */
  nth: number
  /** A name, or `death`: the process ends there, by no doing of its own. */
  errno: string
}

/** How often each process of a role made each call, at most; `any`: of all kinds together. */
export type Counts = Record<Role, Map<string, number>>

const perDepth = 512
const anyCall = 511
const injected = 510

const numbers = new Map<string, number>()
const names = new Map<number, string>()

/** Reads the numbers of system calls from the C library's headers. */
function learnNumbers(): void {
  const defined = execFileSync('cc', ['-E', '-dM', '-include', 'sys/syscall.h', '-xc', '/dev/null'], {
    encoding: 'utf8',
  })
  for (const [, name = '', number] of defined.matchAll(/^#define __NR_(\w+) (\d+)$/gm)) {
    numbers.set(name, Number(number))
    names.set(Number(number), name)
  }
}

function numberOf(call: string): number {
  if (numbers.size === 0) learnNumbers()
  if (call === 'any') return -1
  const number = numbers.get(call)
  if (number === undefined) throw new Error(`no system call '${call}'`)
  return number
}

function errnoOf(name: string): number {
  if (name === 'death') return -1
  // Of those that Node.js does not name.
  const others: Record<string, number> = { ENOTBLK: 15, ETOOMANYREFS: 109 }
  const number = constants.errno[name as keyof typeof constants.errno] ?? others[name]
  if (number === undefined) throw new Error(`no errno '${name}'`)
  return number
}

/** GBTEST_FAULT of the build. */
export function spell({ role, call, nth, errno }: Fault): string {
  return `${roles.indexOf(role)}:${numberOf(call)}:${nth}:${errnoOf(errno)}`
}

/** Environment of the build. `counts`: a file, made here, for `readCounts`. */
export function faultyEnvironment(counts: string, fault?: Fault): string[] {
  writeFileSync(counts, Buffer.alloc((roles.length + 1) * perDepth * 4))
  const where = `GBTEST_FAULT_COUNTS=${counts}`
  return fault ? [where, `GBTEST_FAULT=${spell(fault)}`] : [where]
}

/** Once all processes have ended; and how many faults were met. */
export function readCounts(path: string): { counts: Counts; met: number } {
  if (numbers.size === 0) learnNumbers()
  const all = readFileSync(path)
  const at = (depth: number, call: number) => all.readUInt32LE((depth * perDepth + call) * 4)
  const counts: Counts = { relay: new Map(), keeper: new Map(), supervisor: new Map(), init: new Map() }
  for (const [depth, role] of roles.entries()) {
    for (let call = 0; call < injected; call++)
      if (at(depth, call) > 0) counts[role].set(names.get(call) ?? String(call), at(depth, call))
    counts[role].set('any', at(depth, anyCall))
  }
  return { counts, met: at(0, injected) }
}
