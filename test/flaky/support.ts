/** What the tests of flaky files share: projects with one planted cause, and what `glovebox diagnose` says of them. */

import { spawn } from 'node:child_process'
import { chmod } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { type CliOptions, type CliResult, cli, mainPath } from '../cli/cli.js'
import { createFixture, type Fixture, type FixtureOptions } from '../harness/fixture.js'
import { spawnAs } from '../harness/users.js'

/** The part of the JSON that the tests look at. */
export interface Diagnosis {
  conclusion: string
  verdict: string
  cause?: string
  repro?: string
  failure?: { test: string; message: string; line?: number; text?: string }
  findings: { arm: string; nature: string; p: number }[]
  suspects: { line: number }[]
  baseline: { failed: number; passed: number }
  arms: { id: string; failed: number; passed: number; notTried?: string }[]
  stopped?: string
}

/** The root of a project, with a Vitest or Jest configuration that has no Glovebox in it. */
export function createProject(options: FixtureOptions): Promise<Fixture> {
  const { files, vitest } = options
  return createFixture({
    ...options,
    files: {
      'package.json': JSON.stringify({
        name: 'fixture',
        private: true,
        ...(vitest !== undefined && { type: 'module' }),
      }),
      ...(vitest === undefined
        ? { 'jest.config.js': 'module.exports = {}' }
        : { 'vitest.config.js': 'export default {}' }),
      ...files,
    },
  })
}

/** Two tests, the first with this body. */
export function vitestFile(imports: string, body: string): string {
  return `import { expect, test } from 'vitest'
${imports}
test('first', async () => {
  ${body}
})
test('second', () => {
  expect(1 + 1).toBe(2)
})
`
}

/** Hang limit of an experiment, milliseconds. */
const limit = 280_000

export function diagnose(
  project: Fixture,
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliResult> {
  const env = { ...runnerFree, ...options.env }
  return cli(['diagnose', ...args], { as: project.as, cwd: project.dir, limit, ...options, env })
}

/** `glovebox run` with a test file. */
export function runFile(
  project: Fixture,
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliResult> {
  const env = { ...runnerFree, ...options.env }
  return cli(['run', ...args], { as: project.as, cwd: project.dir, limit, ...options, env })
}

export async function diagnosisOf(
  project: Fixture,
  args: readonly string[],
  options: CliOptions = {},
): Promise<Diagnosis & { status: number | null }> {
  const { stdout, stderr, status } = await diagnose(project, [...args, '--json'], options)
  try {
    return { ...(JSON.parse(stdout) as Diagnosis), status }
  } catch {
    throw new Error(`no JSON\n${stdout}\n${stderr}`)
  }
}

/** Runs the one line that an answer gives, in a shell; `npx` finds the command that was built. */
export async function repeat(
  project: Fixture,
  line = '',
  env: Record<string, string> = {},
): Promise<{ stdout: string; status: number }> {
  await project.write({ 'bin/npx': `#!/bin/sh\nshift\nexec '${process.execPath}' '${mainPath}' "$@"\n` })
  await chmod(project.path('bin/npx'), 0o755)
  const PATH = `${project.path('bin')}:${process.env.PATH}`
  const child = spawn('sh', ['-c', line], {
    ...spawnAs(project.as, { ...runnerFree, ...env, PATH }),
    cwd: project.dir,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [stdout, status] = await Promise.all([
    text(child.stdout),
    new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? -1))),
  ])
  return { stdout, status }
}

/** This suite runs in a Vitest itself, whose variables are none of the project's. */
const runnerFree: Record<string, undefined> = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => /^(VITEST|JEST|TINYPOOL|CI$|TZ$|NODE_ENV|TEST$)/.test(name))
    .map((name) => [name, undefined]),
)
