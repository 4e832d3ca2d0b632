import { posix } from 'node:path'
import picomatch from 'picomatch'
import type { ParsedOverride } from './parsed-options.js'

/** One sentence for each override that matched none of the files that ran. */
export function unmatchedOverrides(
  overrides: readonly ParsedOverride[],
  root: string,
  files: readonly string[],
): string[] {
  return overrides.flatMap((override, index) =>
    files.some((file) => matchesOverride(override, root, file))
      ? []
      : [
          `overrides[${index}].files: ${override.files.join(', ')} matched none of the files that ran (globs are relative to ${root})`,
        ],
  )
}

/** Does the file match one of the globs? Both paths absolute; globs are relative to the root. */
export function matchesOverride(
  { files }: Pick<ParsedOverride, 'files'>,
  root: string,
  file: string,
): boolean {
  const path = posix.relative(root, file)
  return files.some((glob) => picomatch.isMatch(path, glob.replace(/^\.\//, ''), { dot: true }))
}
