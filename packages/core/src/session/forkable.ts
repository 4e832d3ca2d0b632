import { readFileSync } from 'node:fs'

/** Node.js versions on which forked workers are tested; others start afresh. */
const majors: readonly number[] = [20, 22, 24, 26]

/**
 * Flags whose effect is lost by a fork or would be shared: debuggers and profilers of one process, and loader hooks, which run
 * in a thread that a fork does not copy.
 */
const flags =
  /^--(inspect|cpu-prof|heap-prof|prof|perf|trace-events|loader|experimental-loader|import|v8-pool-size|watch|permission|experimental-permission|report-)/

/** Why workers with these flags and this environment cannot be forked from a template, or `undefined`. Pure. */
export function unforkable(
  execArgv: readonly string[],
  env: Readonly<Record<string, string>>,
  runtime: { version: string; glibc: boolean } = currentRuntime(),
): string | undefined {
  const major = Number(runtime.version.split('.')[0])
  if (!majors.includes(major)) return `it is not tested on Node.js ${runtime.version}`
  if (!runtime.glibc) return 'it needs the GNU C library'
  const options = [...execArgv, ...(env.NODE_OPTIONS ?? '').split(/\s+/)]
  const flag = options.find((option) => flags.test(option))
  return flag === undefined ? undefined : `it does not work with ${flag.split('=')[0]}`
}

function currentRuntime(): { version: string; glibc: boolean } {
  const musl = readFileSync('/proc/self/maps', 'utf8').includes('/ld-musl-')
  return { version: process.versions.node, glibc: !musl }
}
