import type { GloveboxError } from '@glovebox/core/adapter' with { 'resolution-mode': 'import' }
import type { JestModules } from './jest-modules.js'
import { versionOf } from './report.js'

/** Releases whose runner this adapter speaks: major, lowest minor. */
const supported = [
  { major: 29, minor: 7 },
  { major: 30, minor: 0 },
]

/** Throws GLOVEBOX_UNSUPPORTED_RUNNER for a version of Jest with other runners. */
export function checkVersion(
  jest: JestModules,
  ErrorClass: typeof GloveboxError,
  version: string = versionOf(jest),
): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (supported.some((release) => release.major === major && minor >= release.minor)) return
  throw new ErrorClass('GLOVEBOX_UNSUPPORTED_RUNNER', `Jest ${version} is not supported.`, {
    remedy: 'Install Jest 30, or 29.7: npm install --save-dev jest@^30',
  })
}
