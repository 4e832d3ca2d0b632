/** Somebody swaps a directory of the project for a symlink all the time while files are copied back into it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { realpath, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SandboxFault } from './fault.js'
import { placeFile, removeEmptied, removeFile } from './place.js'

const swap = `
const { renameSync, rmSync, symlinkSync, unlinkSync } = require('node:fs')
const [project, elsewhere] = process.argv.slice(1)
const quietly = (act, ...args) => { try { act(...args) } catch {} }
process.stdout.write('begun')
for (;;) {
  quietly(rmSync, project + '/away', { recursive: true, force: true })
  quietly(renameSync, project + '/dir', project + '/away')
  quietly(symlinkSync, elsewhere, project + '/dir')
  quietly(unlinkSync, project + '/dir')
  quietly(renameSync, project + '/away', project + '/dir')
}`

let directory: string
let project: string
let elsewhere: string
let staged: string
let racer: ChildProcess

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gbtest-'))
  project = join(directory, 'project')
  elsewhere = join(directory, 'elsewhere')
  staged = join(directory, 'staged')
  mkdirSync(join(project, 'dir'), { recursive: true })
  mkdirSync(join(elsewhere, 'empty'), { recursive: true })
  writeFileSync(join(elsewhere, 'kept'), '')
  writeFileSync(staged, 'x')
  racer = spawn(process.execPath, ['-e', swap, project, elsewhere], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(racer.stdout as NodeJS.ReadableStream, 'data')
})
afterEach(async () => {
  racer.kill('SIGKILL')
  await once(racer, 'close')
  rmSync(directory, { recursive: true })
})

const place = join('dir', 'file')

test('nothing is written, deleted or removed behind the symlink', async () => {
  const outcomes = new Set<string>()
  const told = (act: Promise<void>) =>
    act.then(
      () => outcomes.add('done'),
      (error: unknown) =>
        outcomes.add(error instanceof SandboxFault ? error.stage : String((error as { code?: string }).code)),
    )
  // Until both have happened, and often.
  for (let round = 0; round < 150 || !outcomes.has('done') || !outcomes.has('write-back'); round++) {
    await told(placeFile(staged, project, join(project, place)))
    await told(removeFile(project, join(project, 'dir/kept')))
    await told(removeEmptied(project, join(project, 'dir/empty')))
  }
  expect(readdirSync(elsewhere).sort()).toEqual(['empty', 'kept'])
  // What is there at one moment may be gone at the next; nothing else can happen.
  expect(new Set([...outcomes, 'ENOENT', 'EEXIST'])).toEqual(
    new Set(['done', 'write-back', 'ENOENT', 'EEXIST']),
  )
})

test('positive control: who looks first and then writes by the path is led astray', async () => {
  const astray = () => readdirSync(elsewhere).includes('file')
  while (!astray()) {
    try {
      const real = await realpath(join(project, 'dir'))
      if (real.startsWith(project)) await writeFile(join(project, place), 'x')
    } catch {
      // There is nothing there at the moment.
    }
  }
  expect(astray()).toBe(true)
})
