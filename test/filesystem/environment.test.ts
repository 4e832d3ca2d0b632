/** What a file is told of itself and its machine: variables, user, directories, CPUs, limits. The runner's own pool is the control. */
import { availableParallelism } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Fixture } from '../harness/fixture.js'
import { type ModuleResult, moduleOf, type Run } from '../harness/run-vitest.js'
import { identityOf } from '../harness/users.js'
import { config, createProject, eachCell, run } from '../vitest/support.js'

/** Says what it sees in the meta of its test. */
const probe = `
import { test } from 'vitest'
import fs from 'node:fs'
import os from 'node:os'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
test('probe', ({ task }) => {
  const modes = []
  const write = (directory) => {
    const file = join(fs.mkdtempSync(join(directory, 'gbtest-')), 'file')
    fs.writeFileSync(file, '')
    modes.push((fs.statSync(file).mode & 0o777).toString(8))
    fs.rmSync(join(file, '..'), { recursive: true })
    return directory
  }
  task.meta.seen = {
    env: { ...process.env },
    child: execFileSync('env', { encoding: 'utf8' }).split('\\n'),
    hour: new Date(0).getHours(),
    locale: new Intl.NumberFormat().resolvedOptions().locale,
    childHour: execFileSync('date', ['-d', '@0', '+%H'], { encoding: 'utf8' }).trim(),
    user: os.userInfo().username,
    home: write(os.homedir()),
    tmpdir: write(os.tmpdir()),
    cpus: os.availableParallelism(),
    umask: process.umask().toString(8),
    made: modes[0],
  }
})
`

interface Seen {
  env: Record<string, string>
  child: string[]
  hour: number
  locale: string
  childHour: string
  user: string
  home: string
  tmpdir: string
  cpus: number
  umask: string
  made: string
}

const files = {
  'vitest.config.ts': config(
    '{}',
    `{
      overrides: [
        { files: 'clean.test.ts', env: 'clean' },
        { files: 'kept.test.ts', env: { base: 'clean', keep: ['PUBLIC_*'], unset: ['NOISE_*'] } },
        { files: 'pinned.test.ts', env: { set: { TZ: 'Asia/Tokyo', LANG: 'C', LC_ALL: 'de_DE.UTF-8' } }, umask: '077' },
      ],
    }`,
  ),
  'inherited.test.ts': probe,
  'clean.test.ts': probe,
  'kept.test.ts': probe,
  'pinned.test.ts': probe,
  'pragma.test.ts': `/**\n * @glovebox-env clean\n * @glovebox-env-set TZ=Asia/Tokyo\n */\n${probe}`,
  'leak.test.ts': `
import { test } from 'vitest'
test('leaks', () => { const kept = []; for (;;) kept.push(new Array(1000).fill(kept.length)) })
`,
  'thread.test.ts': `
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
test('a thread has the limits that it was given', async () => {
  expect(process.execArgv.join(' ')).not.toContain('space-size')
  const limitOf = async (resourceLimits) => {
    const code = "require('worker_threads').parentPort.postMessage(require('v8').getHeapStatistics().heap_size_limit)"
    const [bytes] = await once(new Worker(code, { eval: true, resourceLimits }), 'message')
    return bytes / 2 ** 20
  }
  const few = { maxOldGenerationSizeMb: 50, maxYoungGenerationSizeMb: 6 }
  expect(await limitOf(few)).toBe(56)
  // V8's default for the memory of the host, or, where a cgroup says it, of the sandbox.
  expect(await limitOf({})).toBeGreaterThan(200)
})
`,
}

const outside = {
  MY_API_TOKEN: 't',
  PUBLIC_KEY: 'k',
  DB_PASSWORD: 'p',
  NOISE_LEVEL: '9',
  TZ: 'UTC',
  SSH_AUTH_SOCK: '/run/agent',
}

function seenBy(result: Run, file: string): Seen {
  const { assertionResults }: ModuleResult = moduleOf(result, file)
  const seen = assertionResults[0]?.meta?.seen
  if (!seen) throw new Error(JSON.stringify(assertionResults))
  return seen as Seen
}

eachCell((cell, available) => {
  let project: Fixture
  let plain: Run
  let boxed: Run

  beforeAll(async () => {
    if (!available) return
    project = await createProject(cell, files)
    const probes = ['inherited', 'clean', 'kept', 'pinned', 'pragma']
    plain = await run(cell, project, ['inherited'], { env: { ...outside, PLAIN: '1' } })
    boxed = await run(cell, project, probes, { env: outside })
  })
  afterAll(() => project?.remove())

  test('it inherits what the runner gives its workers, but for addresses of agents', () => {
    const { SSH_AUTH_SOCK: _, ...rest } = outside
    expect(seenBy(plain, 'inherited.test.ts').env).toMatchObject(outside)
    expect(seenBy(boxed, 'inherited.test.ts').env).toMatchObject(rest)
    expect(seenBy(boxed, 'inherited.test.ts').env).not.toHaveProperty('SSH_AUTH_SOCK')
  })

  test('clean takes secrets away by name, from its children as well', () => {
    const { env, child } = seenBy(boxed, 'clean.test.ts')
    for (const name of ['MY_API_TOKEN', 'PUBLIC_KEY', 'DB_PASSWORD']) expect(env).not.toHaveProperty(name)
    expect(env).toMatchObject({ NOISE_LEVEL: '9', TZ: 'UTC' })
    expect(child).toContain('NOISE_LEVEL=9')
    expect(child.join('\n')).not.toMatch(/MY_API_TOKEN|PUBLIC_KEY|DB_PASSWORD/)
    expect(seenBy(boxed, 'pragma.test.ts').env).not.toHaveProperty('MY_API_TOKEN')
  })

  test('patterns keep and unset names', () => {
    const { env } = seenBy(boxed, 'kept.test.ts')
    expect(env).toHaveProperty('PUBLIC_KEY', 'k')
    for (const name of ['MY_API_TOKEN', 'DB_PASSWORD', 'NOISE_LEVEL']) expect(env).not.toHaveProperty(name)
  })

  test('time zone, language and umask are as pinned, for it and its children', () => {
    expect(seenBy(boxed, 'inherited.test.ts')).toMatchObject({ hour: 0, childHour: '00' })
    const pinned = seenBy(boxed, 'pinned.test.ts')
    expect(pinned.env).toMatchObject({ TZ: 'Asia/Tokyo', LANG: 'C', LC_ALL: 'de_DE.UTF-8' })
    expect(pinned.locale).toBe('de-DE')
    expect(seenBy(boxed, 'inherited.test.ts').locale).toBe(seenBy(plain, 'inherited.test.ts').locale)
    expect(pinned).toMatchObject({ hour: 9, childHour: '09', umask: '77', made: '600' })
    expect(seenBy(boxed, 'pragma.test.ts')).toMatchObject({ hour: 9, childHour: '09' })
  })

  test('user, home and directory of temporary files agree with one another, and can be written', () => {
    const { env, user, home, tmpdir } = seenBy(boxed, 'inherited.test.ts')
    const { name } = identityOf(cell.as)
    expect({ user, USER: env.USER, LOGNAME: env.LOGNAME }).toEqual({ user: name, USER: name, LOGNAME: name })
    expect(home).toBe(env.HOME)
    expect(home).toBe(identityOf(cell.as).home)
    expect(tmpdir).toBe('/tmp')
    expect(env.HOSTNAME).toBe('glovebox')
  })

  // An ordinary user needs a cgroup of their own for that.
  if (cell.as === 'root')
    test('a file that may use one CPU finds one', async () => {
      await project.write({ 'vitest.config.ts': config('{}', `{ limits: { cpuset: '0' } }`) })
      const cpus = seenBy(plain, 'inherited.test.ts').cpus
      expect(cpus).toBe(availableParallelism())
      expect(seenBy(await run(cell, project, ['inherited']), 'inherited.test.ts').cpus).toBe(1)
    })

  const options = { limits: { memory: '256MiB' } }
  const output = ({ stdout, stderr }: Run) => stdout + stderr

  test.each(['fork', 'spawn'])(
    'a leak of JavaScript meets V8’s limit, which lies below the cap: %s',
    async (worker) => {
      await project.write({ 'vitest.config.ts': config('{}', JSON.stringify({ ...options, worker })) })
      const result = await run(cell, project, ['leak', 'thread'])
      expect(moduleOf(result, 'leak.test.ts').message).toMatch(
        /^Memory limit: V8's heap reached the 176MiB that it may have of the file's 256MiB/,
      )
      expect(output(result)).toContain('JavaScript heap out of memory')
      // The limit is not that of threads for which the test sets its own, nor is it a flag that the test sees.
      expect(moduleOf(result, 'thread.test.ts').assertionResults.map(({ status }) => status)).toEqual([
        'passed',
      ])
    },
  )

  test('a lower limit that the user gave V8 stays', async () => {
    const test = `{ execArgv: ['--max-old-space-size=64'] }`
    await project.write({ 'vitest.config.ts': config(test, JSON.stringify(options)) })
    const result = await run(cell, project, ['leak'])
    expect(moduleOf(result, 'leak.test.ts').message).toMatch(/V8 reached its own heap limit/)
    expect(output(result)).toContain('JavaScript heap out of memory')
  })
})
