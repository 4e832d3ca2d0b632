import { readFileSync } from 'node:fs'

/**
 * Flags whose effect is lost by a fork or would be shared: debuggers and profilers of one process, and loader hooks, which run
 * in a thread that a fork does not copy.
 */
const flags =
  /^--(inspect|cpu-prof|heap-prof|prof|perf|trace-events|loader|experimental-loader|import|v8-pool-size|watch|permission|experimental-permission|report-)/

/**
 * Why workers with these flags and this environment cannot be forked from a template, or `undefined`: then the self-test decides, on
 * whatever version of Node.js. Pure.
 */
export function unforkable(
  execArgv: readonly string[],
  env: Readonly<Record<string, string>>,
  glibc: boolean = usesGlibc(),
): string | undefined {
  if (!glibc) return 'it needs the GNU C library'
  const options = [...execArgv, ...(env.NODE_OPTIONS ?? '').split(/\s+/)]
  const flag = options.find((option) => flags.test(option))
  return flag === undefined ? undefined : `it does not work with ${flag.split('=')[0]}`
}

function usesGlibc(): boolean {
  return !readFileSync('/proc/self/maps', 'utf8').includes('/ld-musl-')
}
