// What the demo promises, apart from how it is run and printed.

/** Files of examples/vitest that want the same thing of the machine: run together, at least one of each group must fail. */
export const collisions = [
  { over: 'port 4710 (server left behind)', files: ['api.test.js', 'tracking.test.js'] },
  { over: 'a file in /tmp', files: ['store.test.js', 'history.test.js'] },
  { over: 'a daemon (one a machine)', files: ['printer.test.js', 'reprint.test.js'] },
  { over: 'shared memory', files: ['images.test.js', 'scans.test.js'] },
]
/** Shares nothing with any other. */
export const independent = ['pricing.test.js']

/** Each file of examples/limits, the limit that it sets, and the verdict that it must get. */
export const verdicts = [
  { file: 'memory.test.js', asks: '@glovebox-memory 256MiB', verdict: 'memory-limit' },
  { file: 'child-memory.test.js', asks: '@glovebox-memory 256MiB', verdict: 'memory-limit' },
  { file: 'timeout.test.js', asks: '@glovebox-timeout 3s', verdict: 'timeout' },
  { file: 'processes.test.js', asks: '@glovebox-pids 64', verdict: 'pids-limit' },
  { file: 'disk.test.js', asks: '@glovebox-disk 16MiB', verdict: 'disk-limit' },
  { file: 'leak.test.js', asks: '@glovebox-leaks fail', verdict: 'leaked' },
  { file: 'crash.test.js', asks: '', verdict: 'crashed' },
  { file: 'killed.test.js', asks: '', verdict: 'killed' },
  { file: 'exit.test.js', asks: '', verdict: 'exited' },
]

/** Problems, in words, of the suite's outcome without and with Glovebox; none = as described. */
export function judgeSuite(plain, sandboxed, runner = 'Vitest') {
  const all = [...collisions.flatMap(({ files }) => files), ...independent]
  return [
    ...missing(`plain ${runner}`, plain.files, all),
    ...missing('Glovebox', sandboxed.files, all),
    ...collisions
      .filter(
        ({ files }) => !plain.files.some(({ file, state }) => files.includes(file) && state === 'failed'),
      )
      .map(({ files }) => `${files.join(' and ')} should collide under plain ${runner}, but none failed`),
    ...plain.files
      .filter(({ file, state }) => independent.includes(file) && state !== 'passed')
      .map(({ file }) => `${file} should pass under plain ${runner}`),
    ...(plain.code === 0 ? [`plain ${runner} should end with an error`] : []),
    ...sandboxed.files
      .filter(({ state }) => state !== 'passed')
      .map(({ file, error }) => `${file} should pass under Glovebox: ${error}`),
    ...sandboxed.unhandled.map((error) => `unhandled error under Glovebox: ${error}`),
    ...(sandboxed.code === 0 ? [] : [`${runner} with Glovebox should end with 0, not ${sandboxed.code}`]),
  ]
}

/** Problems of the files that hit limits. */
export function judgeLimits({ files, code }) {
  return [
    ...missing(
      'examples/limits',
      files,
      verdicts.map(({ file }) => file),
    ),
    ...files.flatMap(({ file, state, verdict }) => {
      const expected = verdicts.find((entry) => entry.file === file)?.verdict
      if (state !== 'failed') return [`${file} should fail, but it ${state}`]
      return verdict === expected ? [] : [`${file} should get the verdict ${expected}, not ${verdict}`]
    }),
    ...(code === 0 ? ['Vitest should end with an error when files hit their limits'] : []),
  ]
}

function missing(where, files, expected) {
  const seen = new Set(files.map(({ file }) => file))
  const lacking = expected.filter((file) => !seen.has(file)).map((file) => `${where}: ${file} was not run`)
  const unknown = [...seen].filter((file) => !expected.includes(file))
  return [...lacking, ...unknown.map((file) => `${where}: ${file} is not part of the demo`)]
}
