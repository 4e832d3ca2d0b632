/** Watch mode in a repository of Git: what changed runs again, in sandboxes, and keys interrupt a run. */
import { execFileSync } from 'node:child_process'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Fixture } from '../harness/fixture.js'
import { leftovers, snapshot } from '../harness/leftovers.js'
import { requires } from '../harness/requires.js'
import { openTerminal, type Terminal } from '../harness/terminal.js'
import { spawnAs } from '../harness/users.js'
import { waitFor } from '../harness/wait-for.js'
import { modulesOf, nodeBinary } from '../setup/matrix.mjs'
import { type Cell, createProject, eachCell } from './support.js'

requires('apt:git')

eachCell((cell) => {
  test('--watch runs what changed since the last commit, then what changes, each file in a sandbox', async () => {
    const before = snapshot()
    await using project = await createRepository(cell, {
      'value.js': `module.exports = 'committed'`,
      'a.test.js': `test('a', () => console.log('AT', require('os').hostname(), require('./value')))`,
      'b.test.js': `test('b', () => console.log('B RAN AT', require('os').hostname()))`,
    })
    await using terminal = watch(cell, project)
    await runsEnd(terminal, 1)
    expect(terminal.output()).toContain('No tests found related to files changed since last commit')

    await replace(project, 'value.js', `module.exports = 'changed'`)
    await runsEnd(terminal, 2)
    expect(terminal.output()).toContain('AT glovebox changed')
    await replace(project, 'value.js', `module.exports = 'changed again'`)
    await runsEnd(terminal, 3)
    expect(terminal.output()).toContain('AT glovebox changed again')
    expect(terminal.output()).not.toContain('B RAN')

    terminal.type('a')
    await runsEnd(terminal, 4)
    expect(terminal.output()).toContain('B RAN AT glovebox')
    terminal.type('q')
    await terminal.ended
    await waitFor('what the run left to go', () => leftovers(before, terminal.marker).length === 0)
  })

  test('keys end a run of --watch, and its files at once: Enter that run alone, Ctrl-C all of Jest', async () => {
    const before = snapshot()
    await using project = await createRepository(cell, { 'a.test.js': `test('is committed', () => {})` })
    await replace(project, 'a.test.js', endless('WAITING'))
    await using terminal = watch(cell, project)
    await shows(terminal, 'WAITING')
    terminal.type('\r')
    await runsEnd(terminal, 1)
    expect(terminal.output()).toContain('Test run was interrupted')
    await waitFor('its sandboxes to go', () => leftovers(before, terminal.marker).every(isRunner))

    await replace(project, 'a.test.js', endless('AGAIN'))
    await shows(terminal, 'AGAIN')
    expect(leftovers(before, terminal.marker).every(isRunner)).toBe(false)
    terminal.type('\x03')
    await terminal.ended
    await waitFor('what the run left to go', () => leftovers(before, terminal.marker).length === 0)
  })
})

function endless(text: string): string {
  return `
test('waits', async () => {
  require('child_process').spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' }).unref()
  process.stdout.write('${text}\\n')
  await new Promise((done) => setTimeout(done, 600_000))
}, 700_000)`
}

async function createRepository(cell: Cell, files: Record<string, string>): Promise<Fixture> {
  const project = await createProject(cell, { '.gitignore': 'node_modules\n.jest-cache\n', ...files })
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.org', ...args], {
      ...spawnAs(cell.as),
      cwd: project.dir,
      stdio: 'pipe',
    })
  git('init', '--quiet')
  git('add', '.')
  git('commit', '--quiet', '--message=first')
  return project
}

function watch(cell: Cell, project: Fixture): Terminal {
  const jest = join(modulesOf(`jest-${cell.jest}`), 'jest/bin/jest.js')
  const args = ['--watch', '--maxWorkers=2', `--cacheDirectory=${project.path('.jest-cache')}`]
  return openTerminal(cell.as, project.dir, [nodeBinary(cell.node), jest, ...args])
}

/** At one stroke: Jest looks at a file as soon as anything of it changes. */
async function replace(project: Fixture, path: string, content: string): Promise<void> {
  await project.write({ '.next': content })
  await rename(project.path('.next'), project.path(path))
}

function shows(terminal: Terminal, text: string): Promise<void> {
  return until(terminal, `the terminal to show '${text}'`, () => terminal.output().includes(text))
}

/** While it runs tests, Jest takes no notice of changes, and takes keys for something else: when it does again, it says what keys there are. */
function runsEnd(terminal: Terminal, count: number): Promise<void> {
  const ends = () => terminal.output().match(/Watch Usage/g)?.length ?? 0
  return until(terminal, `run ${count} to end`, () => ends() >= count)
}

async function until(terminal: Terminal, what: string, is: () => boolean): Promise<void> {
  await waitFor(what, is, { limit: 90_000 }).catch((cause) => {
    throw new Error(terminal.output(), { cause })
  })
}

/** Jest itself, in its terminal. */
function isRunner(left: string): boolean {
  return /^process \d+ (script|sh|\S*node) .*jest\.js/.test(left)
}
