import { hostname } from 'node:os'

/** Throws on the host: what follows would harm it. If a change breaks the sandbox, the tests fail instead of the machine. */
export function onlyInSandbox() {
  if (hostname() !== 'glovebox' || process.pid > 100) throw new Error('this test may run in a sandbox only')
}
