import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { createFixture, type Fixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import { nodeBinary, repository } from '../setup/matrix.mjs'

requires('userns', 'root', 'node20', 'vitest4.1', 'jest30')

const same = `
import { createServer } from 'node:http'
import { rmSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'

test('answers on a port of its own choice', async () => {
  const server = createServer((_, response) => response.end(answer)).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const response = await fetch('http://127.0.0.1:' + server.address().port)
  expect(await response.text()).toBe('from the configuration')
  server.close()
})
test('writes a file and removes it', () => {
  writeFileSync('/tmp/gbtest-compare', '')
  rmSync('/tmp/gbtest-compare')
})
test.skip('is skipped', () => {})
test.todo('is still to be written')
test.fails('fails as expected', () => expect(1).toBe(2))
`
/** The own configuration must stay in force in both runs: without its `define`, the test above fails. */
const config = `
import { defineConfig } from 'vitest/config'
export default defineConfig(({ mode }) => ({
  define: { answer: JSON.stringify(mode === 'test' ? 'from the configuration' : mode) },
}))
`
const hostnameOnly = `
import { hostname } from 'node:os'
import { expect, test } from 'vitest'
test('is in a sandbox', () => expect(hostname()).toBe('glovebox'))
test('runs anywhere', () => {})
`
/** Passes the first time, fails from then on: what the first run under its own pool wrote stays. */
const once_ = `
import { writeFileSync } from 'node:fs'
import { test } from 'vitest'
test('passes once', () => writeFileSync('first-run', '', { flag: 'wx' }))
`

async function compare(
  fixture: Fixture,
  ...args: string[]
): Promise<{ code: number | null; output: string }> {
  const script = join(repository, 'test/compat/compare.mjs')
  const child = spawn(nodeBinary(20), [script, fixture.dir, ...args], {
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const texts = Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = await once(child, 'close')
  return { code: code as number | null, output: (await texts).join('') }
}

function checkout(files: Record<string, string>): Promise<Fixture> {
  return createFixture({ vitest: '4.1', files: { 'vitest.config.ts': config, ...files } })
}

test('a suite with the same outcome ends with 0, and its checkout is left as it was', async () => {
  await using fixture = await checkout({ 'test/same.test.ts': same })
  const { code, output } = await compare(fixture)
  expect(output).toContain('No test differs.')
  expect(output).toMatch(/own pool: 1 files, 5 tests \(3 passed, 1 skipped, 1 todo\); wall .* s, CPU .* s/)
  expect(output).toMatch(/Glovebox: 1 files, 5 tests \(3 passed, 1 skipped, 1 todo\); wall .* s, CPU .* s/)
  expect(code).toBe(0)
  await expect(fixture.read('vitest.config.ts')).resolves.toBe(config)
})

test('a test that differs is named with both outcomes', async () => {
  await using fixture = await checkout({ 'hostname.test.ts': hostnameOnly })
  const { code, output } = await compare(fixture)
  expect(output).toContain('hostname.test.ts > is in a sandbox\n  own pool: failed\n  Glovebox: passed')
  expect(output).toContain('1 differ, 0 of them by themselves.')
  expect(output).not.toContain('runs anywhere')
  expect(code).toBe(1)
})

test('a test that varies under its own pool is no difference', async () => {
  await using fixture = await checkout({ 'once.test.ts': once_ })
  const { code, output } = await compare(fixture)
  expect(output).toContain(
    'once.test.ts > passes once\n  own pool: passed (varies by itself)\n  Glovebox: failed',
  )
  expect(output).toContain('1 differ, 1 of them by themselves.')
  expect(code).toBe(0)
})

test('arguments after -- reach both runs', async () => {
  await using fixture = await checkout({ 'same.test.ts': same, 'hostname.test.ts': hostnameOnly })
  const { code, output } = await compare(fixture, '--', '-t', 'runs anywhere')
  expect(output).toContain('No test differs.')
  expect(code).toBe(0)
})

test('a suite of Jest is compared likewise', async () => {
  const project = { 'package.json': '{ "name": "fixture", "private": true, "jest": { "transform": {} } }' }
  const probe = hostnameOnly
    .replaceAll(/^import (.*) from (.*)$/gm, 'const $1 = require($2)')
    .replace('vitest', '@jest/globals')
  await using fixture = await createFixture({ jest: '30', files: { ...project, 'hostname.test.js': probe } })
  const { code, output } = await compare(fixture)
  expect(output).toMatch(/: Jest 30/)
  expect(output).toContain('hostname.test.js > is in a sandbox\n  own pool: failed\n  Glovebox: passed')
  expect(output).toContain('1 differ, 0 of them by themselves.')
  expect(code).toBe(1)
})

test('a folder without Vitest is told to install first', async () => {
  await using fixture = await createFixture()
  const { code, output } = await compare(fixture)
  expect(output).toContain('has no vitest installed')
  expect(code).toBe(1)
})
