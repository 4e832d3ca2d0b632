/** The ordinary user of the tests: made once a run (global-setup.ts), removed afterwards, also what a killed run left. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { inject } from 'vitest'

/** Who runs a command. */
export type Role = 'root' | 'user'

export interface Identity {
  name: string
  uid: number
  gid: number
  home: string
}

declare module 'vitest' {
  interface ProvidedContext {
    ordinaryUser: Identity | null
  }
}

const prefix = 'gbtest-'

/** The identity behind a role. Throws if there is none: guard the test with `requires('root')` or `requires('user')`. */
export function identityOf(role: Role): Identity {
  const self = userInfo()
  if (role === 'root') {
    if (self.uid !== 0) throw new Error(`not root; guard this test with requires('root')`)
    return { name: self.username, uid: 0, gid: 0, home: self.homedir }
  }
  if (self.uid !== 0) return { name: self.username, uid: self.uid, gid: self.gid, home: self.homedir }
  const user = inject('ordinaryUser')
  if (!user) throw new Error(`no ordinary user; guard this test with requires('user')`)
  return user
}

/** What `spawn` needs to run as that role, with a login's environment. `env` adds to it. */
export function spawnAs(
  role: Role,
  env: Record<string, string | undefined> = {},
): { uid?: number; gid?: number; env: Record<string, string | undefined> } {
  const { uid, gid, name, home } = identityOf(role)
  const login = {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    HOME: home,
    USER: name,
    LOGNAME: name,
    SHELL: '/bin/sh',
  }
  const identity = process.getuid?.() === uid ? {} : { uid, gid }
  return { ...identity, env: { ...login, ...env } }
}

/** Makes the user `gbtest-PID`, with a home directory. Only root can. */
export function addUser(): Identity {
  const name = `${prefix}${process.pid}`
  execFileSync('useradd', ['--create-home', '--shell', '/bin/sh', name], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [uid, gid, home] = passwdEntry(name)
  return { name, uid, gid, home }
}

/** Ends the user's processes (they are all the tests'), then removes it with its home directory. */
export function removeUser({ name, uid, home }: Identity): void {
  for (const pid of processesOf(uid)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // already gone
    }
  }
  try {
    execFileSync('userdel', ['--force', '--remove', name], { stdio: 'ignore' })
  } catch {
    // exits with 12 if the mail spool is missing; what counts is checked by the next sweep
  }
  rmSync(home, { recursive: true, force: true })
}

/** Removes the users of runs that were killed before they could tidy up. */
export function sweepUsers(): void {
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name = '', , uid, gid, , home = ''] = line.split(':')
    if (!name.startsWith(prefix) || isRunning(Number(name.slice(prefix.length)))) continue
    removeUser({ name, uid: Number(uid), gid: Number(gid), home })
  }
}

function passwdEntry(name: string): [uid: number, gid: number, home: string] {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`))
  const [, , uid, gid, , home] = line?.split(':') ?? []
  if (home === undefined) throw new Error(`useradd made no user ${name}`)
  return [Number(uid), Number(gid), home]
}

function processesOf(uid: number): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      try {
        return statSync(`/proc/${pid}`).uid === uid
      } catch {
        return false
      }
    })
    .map(Number)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
