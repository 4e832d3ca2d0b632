/**
 * V8 optimises a function once it has run often enough. Most test files end before that pays, and optimising costs them a fifth to a quarter of their
 * CPU; so in templates and the workers that are forked from them a function must have run eight times as often as V8 wants by itself. What runs for seconds is
 * hot all the same, a few milliseconds later. docs/performance.md has the figures.
 */
import { setFlagsFromString } from 'node:v8'

/** By the major version of Node.js: eight times the defaults of its V8. Flags that it does not know would be complained of on stderr. */
const flags: Readonly<Record<string, readonly string[]>> = {
  20: ['--interrupt-budget=540672'],
  22: ['--invocation-count-for-maglev=3200', '--invocation-count-for-turbofan=24000'],
  24: ['--invocation-count-for-maglev=3200', '--invocation-count-for-turbofan=24000'],
  26: ['--invocation-count-for-maglev=3200', '--invocation-count-for-turbofan=24000'],
}

/** For this process and its forks; nobody sees it in `process.execArgv`. What the user's own flags say of these wins. */
export function delayOptimization(): void {
  for (const flag of flagsFor(process.versions.node, process.execArgv)) setFlagsFromString(flag)
}

/** Pure. */
export function flagsFor(version: string, execArgv: readonly string[]): readonly string[] {
  const [major = ''] = version.split('.')
  return (flags[major] ?? []).filter((flag) => {
    const [name = ''] = flag.split('=')
    return !execArgv.some((own) => own.replaceAll('_', '-').startsWith(name))
  })
}
