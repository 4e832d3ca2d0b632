import { doctorRows, isComplete } from '../host/doctor.js'
import { readHostFacts } from '../host/facts.js'
import { ownershipIn, whyForeign } from '../host/ownership.js'
import { failureOf, type ProbeTarget, probeHost } from '../host/probe.js'
import { findWorkspaceRoot } from '../plan/workspace.js'
import { findSupervisor } from '../sandbox/executable.js'
import { Supervisor } from '../sandbox/supervisor.js'
import { doctorTable } from './doctor-table.js'

/** Prints what this host can do. Resolves with the exit status. */
export async function doctor({ json = false }: { json?: boolean }): Promise<number> {
  const findings = await probeHost({
    cwd: process.cwd(),
    foreign: whyFilesAreForeign,
    locate: findSupervisor,
    start: startProbe,
  })
  const rows = doctorRows(findings)
  const complete = isComplete(rows)
  process.stdout.write(
    json ? `${JSON.stringify({ complete, rows, findings }, null, 2)}\n` : doctorTable(rows, complete),
  )
  return complete ? 0 : 1
}

/**
 * What a run of this project would find, but for directories on the way that are closed to root. Without a planner, which refuses places where
 * no project can be sandboxed, and opens more files than some hosts allow.
 */
function whyFilesAreForeign(): string | undefined {
  const { uid, home } = readHostFacts()
  const cwd = process.cwd()
  return uid === 0 ? whyForeign(ownershipIn([findWorkspaceRoot(cwd, home), cwd]), []) : undefined
}

async function startProbe(): Promise<ProbeTarget> {
  const supervisor = await Supervisor.launch()
  return {
    hello: supervisor.hello,
    probe: async (feature) => {
      try {
        await supervisor.request('probe', [['feature', feature]])
        return undefined
      } catch (error) {
        const failure = failureOf(error)
        if (failure) return failure
        throw error
      }
    },
    close: () => supervisor.close(),
  }
}
