import { settings } from '../config/settings.js'

/** One message of Glovebox's own, on stderr, in the words of the command line. */
export function say(text: string): void {
  process.stderr.write(`glovebox: ${inFlags(text)}\n`)
}

/** Flags that are not called like the setting. */
const renamed: Readonly<Record<string, string>> = {
  env: 'clean-env',
  'env-set': 'env',
  'env-keep': 'env',
  'time-monotonic': 'clock-offset',
  'time-boottime': 'clock-offset',
}

const flags: ReadonlyMap<string, string> = new Map(
  settings.map(({ name, path }) => [path.join('.'), `--${renamed[name] ?? name}`]),
)

/** Messages name options as a configuration file has them; who typed `--memory` looks for that. Pure. */
export function inFlags(text: string): string {
  return text
    .replace(/onUnsupported: ["']warn["']/g, '--on-unsupported warn')
    .replace(/\bcapabilities: ["'](\w+)["']/g, '--capabilities $1')
    .replace(/\b([a-z]+\.[A-Za-z]+)(\[\d+\])?/g, (whole, key: string) => flags.get(key) ?? whole)
    .replace(/^(command line: | {2})([a-zA-Z]+):/gm, (whole, start: string, key: string) =>
      flags.has(key) ? `${start}${flags.get(key)}:` : whole,
    )
    .replace(/^command line: --/, '--')
    .replace('Every option, with its values: docs/reference.md', 'Every flag: glovebox run --help')
}
