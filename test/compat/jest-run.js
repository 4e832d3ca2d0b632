import { fileURLToPath } from 'node:url'

const runner = fileURLToPath(import.meta.resolve('@glovebox/jest-env/runner'))

/** How Jest is called: with the project's own configuration, and with our runner where there are options for it. */
export function jestArguments(options, report) {
  const chosen = options === undefined ? [] : [`--runner=${runner}`]
  // Replaces what the project gives to its environments: not without need.
  if (options !== undefined && Object.keys(options).length > 0)
    chosen.push(`--testEnvironmentOptions=${JSON.stringify({ glovebox: options })}`)
  return ['--json', `--outputFile=${report}`, '--coverage=false', ...chosen]
}
