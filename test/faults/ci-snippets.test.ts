/** What docs/ci.md shows can be copied as it is: it parses, says what the page says, and the AppArmor profile is one. */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { requires } from '../harness/requires.js'
import { repository } from '../setup/matrix.mjs'

const run = promisify(execFile)
const page = (name: string) => readFileSync(join(repository, 'docs', name), 'utf8')

/** Of a page: the code blocks of a language, by the heading that they stand under. */
function blocks(name: string, language: string): { heading: string; code: string }[] {
  return page(name)
    .split(/^(?=#{2,3} )/m)
    .flatMap((section) =>
      [...section.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
        ([, code = '']) => ({ heading: /^#+ (.*)/.exec(section)?.[1] ?? '', code }),
      ),
    )
}

const snippets = ['ci.md', 'requirements.md'].flatMap((name) => blocks(name, 'yaml'))

test.each(snippets)('the snippet below $heading is YAML', ({ code }) => {
  expect(parse(code, { strict: true, uniqueKeys: true })).toEqual(expect.any(Object))
})

interface Step {
  uses?: string
  run?: string
}
interface Workflow {
  on?: unknown
  jobs: Record<string, { 'runs-on': string; container?: { image: string; options: string }; steps: Step[] }>
}

describe('GitHub Actions', () => {
  const workflows = blocks('ci.md', 'yaml')
    .filter(({ heading }) => heading === 'GitHub Actions')
    .map(({ code }) => parse(code) as Workflow)
  const jobs = workflows.flatMap((workflow) => Object.values(workflow.jobs))

  test('there is a workflow, and a job for containers', () => {
    expect(workflows[0]?.on).toBeDefined()
    expect(jobs.map(({ container }) => container !== undefined)).toEqual([false, true])
  })

  test('each job has a machine, checks out, asks the doctor, and runs the tests', () => {
    for (const { 'runs-on': machine, steps } of jobs) {
      expect(machine).toMatch(/^ubuntu-/)
      expect(
        steps.filter(({ uses, run: script }) => (uses === undefined) === (script === undefined)),
      ).toEqual([])
      const all = steps.map(({ uses, run: script }) => uses ?? script).join('\n')
      for (const part of ['actions/checkout', 'npm ci', 'glovebox doctor', 'vitest run'])
        expect(all).toContain(part)
    }
  })

  test('the profile that it copies is in the package', () => {
    const copied = jobs
      .flatMap(({ steps }) => steps)
      .map(({ run: script = '' }) => /sudo cp (\S+)/.exec(script)?.[1])
    const path = copied
      .find((each) => each !== undefined)
      ?.replace('node_modules/@glovebox/core', 'packages/core')
    expect(existsSync(join(repository, path ?? 'none'))).toBe(true)
  })
})

test('GitLab: the job runs the doctor and the tests', () => {
  const [snippet] = blocks('ci.md', 'yaml').filter(({ heading }) => heading === 'GitLab')
  const { test: job } = parse(snippet?.code ?? '') as { test: { image: string; script: string[] } }
  expect(job.image).toMatch(/^node:/)
  expect(job.script.join('\n')).toMatch(/npm ci[\s\S]*glovebox doctor[\s\S]*vitest run/)
})

test('Kubernetes: the pod has user namespaces of its own, and an unmasked /proc', () => {
  const [snippet] = blocks('ci.md', 'yaml').filter(({ heading }) => heading === 'Kubernetes')
  const pod = parse(snippet?.code ?? '') as {
    kind: string
    spec: { hostUsers: boolean; containers: { securityContext: unknown }[] }
  }
  expect(pod.kind).toBe('Pod')
  expect(pod.spec.hostUsers).toBe(false)
  expect(pod.spec.containers[0]?.securityContext).toMatchObject({ procMount: 'Unmasked' })
})

describe('the AppArmor profile', () => {
  requires('apt:apparmor')
  const env = { ...process.env, PATH: `${process.env.PATH}:/sbin:/usr/sbin` }
  const profile = readFileSync(join(repository, 'packages/core/apparmor/glovebox-supervisor'), 'utf8')

  /** Before version 4 the parser knows neither that ABI nor the rule; all else it can judge. */
  async function known(text: string): Promise<string> {
    const { stdout } = await run('apparmor_parser', ['--version'], { env })
    const version = Number(/version (\d+)/.exec(stdout)?.[1])
    return version >= 4 ? text : text.replace('abi/4.0', 'abi/3.0').replace(/^ {2}userns,$/m, '')
  }

  async function parsed(text: string): Promise<{ stdout: string }> {
    const directory = mkdtempSync(join(tmpdir(), 'gbtest-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    const file = join(directory, 'profile')
    writeFileSync(file, await known(text))
    return run('apparmor_parser', ['--skip-kernel-load', '--skip-cache', '--names', file], { env })
  }

  test('is one, as the parser sees it', async () => {
    expect((await parsed(profile)).stdout).toMatch(/glovebox-supervisor/)
    expect(profile).toMatch(/^ {2}userns,$/m)
  })

  test('positive control: a fault in it is found', async () => {
    await expect(parsed(profile.replace('flags=(unconfined)', 'flags=(unconfinde)'))).rejects.toThrow()
  })
})
