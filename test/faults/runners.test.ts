/** Runners in unusual company: two at once, one that is stopped, one inside an outer cgroup, one inside a sandbox. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createFixture } from '../harness/fixture.js'
import { endProcesses, leftoversLater, snapshot } from '../harness/leftovers.js'
import { requires } from '../harness/requires.js'
import { moduleOf, runVitest } from '../harness/run-vitest.js'
import { waitFor } from '../harness/wait-for.js'

interface Runner {
  child: ChildProcess
  marker: string
  text: () => string
  outcomes: Promise<unknown[]>
}

const passed = Array(6).fill({ answered: true, verdict: { kind: 'passed-through' } })

async function start(worker: 'fork' | 'spawn', through: readonly string[] = []): Promise<Runner> {
  const project = await createFixture({ files: { 'a.test.js': '' } })
  const marker = randomUUID()
  onTestFinished(async () => {
    endProcesses(marker)
    await project.remove()
  })
  const spec = JSON.stringify({ worker, root: project.dir })
  const command = [...through, process.execPath, fileURLToPath(new URL('victim.mjs', import.meta.url)), spec]
  const child = spawn(command[0] ?? '', command.slice(1), {
    env: { ...process.env, GLOVEBOX_TEST_RUN: marker },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const outcomes = new Promise<unknown[]>((resolve) =>
    child.once('close', () => {
      const lines = text.trim().split('\n')
      resolve(lines.map((line): unknown => JSON.parse(line)).filter((line) => line !== 'begun'))
    }),
  )
  return { child, marker, text: () => text, outcomes }
}

describe('runners', () => {
  requires('root')

  test('two at once do not meet', async () => {
    const before = snapshot()
    const runners = [await start('fork'), await start('spawn')]
    for (const { outcomes } of runners) expect(await outcomes).toEqual(passed)
    for (const { marker } of runners) expect(await leftoversLater(before, marker)).toEqual([])
  })

  test('one that is stopped goes on where it was', async () => {
    const before = snapshot()
    const { child, marker, outcomes, text } = await start('fork')
    await waitFor('its first file', () => text().includes('begun'))
    child.kill('SIGSTOP')
    await sleep(1000) // its files are done meanwhile, and wait for it
    child.kill('SIGCONT')
    expect(await outcomes).toEqual(passed)
    expect(await leftoversLater(before, marker)).toEqual([])
  })

  test('one that is killed while it is stopped leaves nothing', async () => {
    const before = snapshot()
    const { child, marker, outcomes, text } = await start('fork')
    await waitFor('its first file', () => text().includes('begun'))
    child.kill('SIGSTOP')
    child.kill('SIGKILL')
    await outcomes
    expect(await leftoversLater(before, marker)).toEqual([])
  })
})

describe('an outer cgroup', () => {
  requires('root', 'cgroup1')

  test('holds the runner and all sandboxes, under its own limit, and is empty afterwards', async () => {
    const outer = `/sys/fs/cgroup/memory/gbtest-${process.pid}`
    mkdirSync(outer)
    onTestFinished(() => rmdirSync(outer))
    writeFileSync(join(outer, 'memory.limit_in_bytes'), String(2 ** 30))
    const { outcomes, text } = await start('fork', [
      'sh',
      '-c',
      `echo $$ > ${outer}/cgroup.procs; exec "$@"`,
      'sh',
    ])
    await waitFor('its first file', () => text().includes('begun'))
    expect(readdirSync(outer).filter((name) => name.startsWith('glovebox.'))).toHaveLength(1)
    expect(await outcomes).toEqual(passed)
    await waitFor('its end', () =>
      readdirSync(outer).every((name) => !existsSync(join(outer, name, 'tasks'))),
    )
  })
})

describe('nested', () => {
  requires('user', 'node24', 'vitest4.1')

  test('an ordinary user’s suite runs Vitest under Glovebox', async () => {
    const config = (options: string) =>
      `import glovebox from '@glovebox/vitest-plugin'\nexport default { plugins: [glovebox(${options})], test: { include: ['*.test.js'] } }`
    const inner = `import { hostname } from 'node:os'\nimport { expect, test } from 'vitest'\ntest('inner', () => expect(hostname()).toBe('inner'))`
    const outer = `import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
test('outer', () => {
  const entry = new URL('./node_modules/vitest/vitest.mjs', import.meta.url).pathname
  const output = execFileSync(process.execPath, [entry, 'run', '--root', 'inner'], { encoding: 'utf8', env: { PATH: process.env.PATH, HOME: process.env.HOME } })
  expect(output).toMatch(/1 passed/)
}, 60_000)`
    await using project = await createFixture({
      as: 'user',
      vitest: '4.1',
      files: {
        'vitest.config.js': config(`{ nestedSandboxes: true, onUnsupported: 'warn' }`),
        'outer.test.js': outer,
        'inner/vitest.config.js': config(`{ hostname: 'inner', onUnsupported: 'warn' }`),
        'inner/inner.test.js': inner,
      },
    })
    const run = await runVitest({ node: 24, vitest: '4.1', as: 'user', cwd: project.dir })
    expect(moduleOf(run, 'outer.test.js').status, `${run.stdout}${run.stderr}`).toBe('passed')
  })
})
