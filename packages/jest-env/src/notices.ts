import type { Config } from '@jest/types'

/** What is other than without Glovebox: said at the start of each run. */
export function noticesOf(
  { detectOpenHandles }: Config.GlobalConfig,
  execArgv: readonly string[] = process.execArgv,
): string[] {
  return [
    ...(detectOpenHandles
      ? [
          '--detectOpenHandles sees nothing of test files, as they run in processes of their own. Processes that outlive a file, and what they listen on, are reported as its leaks.',
        ]
      : []),
    ...(execArgv.some((flag) => flag.startsWith('--inspect'))
      ? [
          'The debugger sees Jest itself, but no test file: they run in processes of their own. To debug one, run Jest without the runner of Glovebox.',
        ]
      : []),
  ]
}
