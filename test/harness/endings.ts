/** Test files whose process comes to an end of its own, for both runners: by file name, with what the file's failure names. */

interface Ending {
  /** Pragmas, at the top of the file. */
  pragma?: string
  imports?: string
  body: string
  /** `undefined`: the file passes, or what it fails with is looked at elsewhere. */
  reason?: string
}

export const die = `process.kill(process.pid, 'SIGKILL'); while (true);`

const spawning = { pragma: '@glovebox-pids 64', reason: 'Process limit' }

export const endings: Readonly<Record<string, Ending>> = {
  'while-imported': { body: `test('never', () => {})\n${die}`, reason: 'SIGKILL' },
  'in-before-all': { body: `beforeAll(() => { ${die} })\ntest('never', () => {})`, reason: 'SIGKILL' },
  'in-test': {
    body: `
test('passes before', () => {})
test('fails before', () => expect(1).toBe(2))
describe('group', () => {
  test('dies', () => { ${die} })
  test('comes after', () => {})
})
test.skip('skipped', () => {})`,
    reason: 'SIGKILL',
  },
  'in-after-all': { body: `afterAll(() => { ${die} })\ntest('passes', () => {})`, reason: 'SIGKILL' },
  aborts: { body: `test('aborts', () => process.abort())`, reason: 'SIGABRT' },
  // What `process.exit` does is the runners' business.
  exits: { body: `test('exits', () => process.reallyExit(7))`, reason: 'code 7' },
  docblock: { pragma: '@glovebox-memori 64MiB', body: `test('never', () => {})` },
  hang: {
    pragma: '@glovebox-timeout 5s',
    body: `test('before', () => {})\ntest('hangs', () => { while (true); })`,
    reason: 'Timeout',
  },
  burst: {
    ...spawning,
    imports: `import { spawn } from 'node:child_process'`,
    body: `
test('ends its 100 helpers at once', () => {
  const helpers = Array.from({ length: 100 }, () => spawn('sleep', ['60'], { stdio: 'ignore' }))
  const pids = helpers.map((helper) => helper.on('error', () => {}).pid)
  helpers.forEach((helper) => helper.pid && helper.kill('SIGKILL'))
  expect(pids).not.toContain(undefined)
})`,
  },
  shell: {
    ...spawning,
    imports: `import { spawnSync } from 'node:child_process'`,
    body: `
test('its shell fails', () => {
  const { status } = spawnSync('sh', ['-c', 'for i in 0 1 2 3 4 5 6 7 8 9; do for j in 0 1 2 3 4 5 6 7 8 9; do sleep 60 & done; done'], { stdio: 'ignore' })
  expect(status).toBe(0)
})`,
  },
  fine: { body: `test('fine', () => {})` },
}

/** The files of a project. `imports`: how they get what they use of the runner. */
export function endingFiles(imports = ''): Record<string, string> {
  return Object.fromEntries(
    Object.entries(endings).map(([name, { pragma, imports: own = '', body }]) => [
      `${name}.test.ts`,
      [pragma && `/**\n * ${pragma}\n */`, imports, own, body].filter(Boolean).join('\n'),
    ]),
  )
}

/** Name and reason of those that fail with one. */
export const reasons: [name: string, reason: string][] = Object.entries(endings).flatMap(
  ([name, { reason }]) => (reason === undefined ? [] : [[name, reason]]),
)
