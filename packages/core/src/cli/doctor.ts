import { doctorRows, isComplete } from '../host/doctor.js'
import { failureOf, type ProbeTarget, probeHost } from '../host/probe.js'
import { findSupervisor } from '../sandbox/executable.js'
import { Supervisor } from '../sandbox/supervisor.js'
import { doctorTable } from './doctor-table.js'
import { planRun } from './plan-run.js'

/** Prints what this host can do. Resolves with the exit status. */
export async function doctor({ json = false }: { json?: boolean }): Promise<number> {
  const findings = await probeHost({
    cwd: process.cwd(),
    // A directory that cannot have an overlay (the home directory on some hosts) is no reason to report nothing.
    foreign: () => planRun({ onUnsupported: 'warn' }, process.cwd()).foreign,
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
