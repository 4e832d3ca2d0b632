import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { requires } from '../harness/requires.js'
import { waitFor } from '../harness/wait-for.js'
import { repository } from '../setup/matrix.mjs'

requires('userns', 'root')

const run = promisify(execFile)
const script = join(repository, 'bench/run.mjs')

interface Summary {
  median: number
  min: number
  max: number
}

interface Report {
  rounds: number
  machine: { cores: number; node: string; kernel: string }
  suites: {
    title: string
    skipped: { name: string; reason: string }[]
    variants: Record<
      string,
      {
        samples: { cpu: number[]; wall: number[]; memory: number[] }
        cpu: Summary
        wall: Summary
        ratios: Record<string, { cpu: number; wall: number }>
      }
    >
  }[]
}

/** What a process of the benchmark has generated. */
function foldersOf(pid: number | undefined): string[] {
  return readdirSync(join(repository, '.cache')).filter((name) => name.startsWith(`bench-${pid}-`))
}

async function bench(...args: string[]): Promise<{ stdout: string; report: Report; folders: string[] }> {
  const scratch = mkdtempSync(join(tmpdir(), 'gbtest-'))
  onTestFinished(() => rmSync(scratch, { recursive: true }))
  const json = join(scratch, 'figures', 'bench.json')
  const running = run(process.execPath, [script, '--rounds', '1', '--json', json, ...args])
  const { stdout } = await running
  const report = JSON.parse(readFileSync(json, 'utf8')) as Report
  return { stdout, report, folders: foldersOf(running.child.pid) }
}

test('the suite of small files is measured against both pools of Vitest', async () => {
  const { stdout, report, folders } = await bench('--suite', 'files', '--files', '4')
  const [suite] = report.suites
  const names = [
    'forks',
    'threads',
    'forks --no-isolate',
    'threads --no-isolate',
    'Glovebox',
    'Glovebox, fresh workers',
  ]
  expect(Object.keys(suite?.variants ?? {})).toEqual(names)
  for (const name of names) {
    const variant = suite?.variants[name]
    expect(variant?.samples.cpu).toEqual([expect.any(Number)])
    expect(variant?.cpu.median).toBeGreaterThan(0)
    expect(variant?.ratios.forks?.cpu).toBeGreaterThan(0)
    expect(stdout).toContain(name)
  }
  expect(suite?.variants.forks?.ratios.forks?.cpu).toBe(1)
  expect(stdout).toContain('CPU × forks')
  expect(report).toMatchObject({ rounds: 1, machine: { node: process.version } })
  expect(folders).toEqual([])
})

test.each([
  ['jsdom', ['forks', 'threads', 'Glovebox', 'Glovebox, fresh workers']],
  ['happy-dom', ['forks', 'threads', 'Glovebox', 'Glovebox, fresh workers']],
  ['cpu', ['forks', 'threads', 'Glovebox', 'Glovebox, fresh workers']],
  ['many', ['first 2', 'last 2']],
  ['start-up', ['forks', 'threads', 'Glovebox', 'Glovebox, fresh workers']],
  ['tree', ['forks', 'Glovebox', 'Glovebox, fresh workers']],
  ['memory', ['forks', 'Glovebox', 'Glovebox, fresh workers']],
  ['fork', ['one after another', 'all at once']],
])('the suite `%s` has a figure for each of its variants', async (name, variants) => {
  const { report } = await bench('--suite', name, '--files', name === 'many' ? '10' : '2')
  const [suite] = report.suites
  expect(Object.keys(suite?.variants ?? {})).toEqual(variants)
  const keys: Record<string, 'wall' | 'memory'> = { memory: 'memory', tree: 'memory', 'start-up': 'wall' }
  const key = keys[name] ?? 'cpu'
  for (const variant of variants)
    expect(suite?.variants[variant]?.samples[key], variant).toEqual([expect.any(Number)])
})

test('sandboxes are measured against unshare and bwrap, or it is said why not', async () => {
  const { stdout, report } = await bench('--suite', 'sandbox', '--sandboxes', '3')
  const [suite] = report.suites
  const measured = Object.keys(suite?.variants ?? {})
  const skipped = suite?.skipped.map(({ name }) => name) ?? []
  expect([...measured, ...skipped].toSorted()).toEqual(
    [
      'no sandbox',
      'unshare',
      'bwrap',
      'Glovebox, root as bwrap',
      'Glovebox',
      'Glovebox, no command',
      'glovebox run',
    ].toSorted(),
  )
  expect(measured).toContain('Glovebox')
  expect(stdout).toContain('CPU × bwrap')
  for (const { name, reason } of suite?.skipped ?? []) expect(stdout).toContain(`skipped: ${name}: ${reason}`)
})

test('a number that makes no sense is refused', async () => {
  await expect(run(process.execPath, [script, '--rounds', '0'])).rejects.toThrow('whole number from 1 up')
})

test('a signal ends it with a sentence, and nothing of it stays', async () => {
  const child = spawn(process.execPath, [script, '--suite', 'files', '--json', '/dev/null'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const printed = text(child.stderr)
  await waitFor('a suite to be generated', () => foldersOf(child.pid).length > 0)
  child.kill('SIGTERM')
  expect(await once(child, 'close')).toEqual([143, null])
  expect((await printed).trim().split('\n').at(-1)).toBe('Ended by SIGTERM. No figures were written.')
  expect(await printed).not.toContain('    at ')
  expect(foldersOf(child.pid)).toEqual([])
})
