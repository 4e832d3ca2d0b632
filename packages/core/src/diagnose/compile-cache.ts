import { join } from 'node:path'

/** Where Node.js 22 and newer keep what they compiled: a quarter of a trial's CPU is the runner's modules. */
export const cacheVariable = 'NODE_COMPILE_CACHE'

/** For the processes of trials, unless the user has one. */
export function withCompileCache(environment: NodeJS.ProcessEnv, scratch: string): NodeJS.ProcessEnv {
  return { [cacheVariable]: cacheIn(scratch), ...environment }
}

/** Whether it was set for the trial, and is none of the test's business. */
export function isOwnCache(scratch: string, environment: NodeJS.ProcessEnv = process.env): boolean {
  return environment[cacheVariable] === cacheIn(scratch)
}

function cacheIn(scratch: string): string {
  return join(scratch, 'compiled')
}
