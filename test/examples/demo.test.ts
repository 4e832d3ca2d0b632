import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { collisions, verdicts } from '../../examples/demo/judge.js'
import { imageDirectory, port, stateDirectory } from '../../examples/vitest/src/paths.js'
import { requires } from '../harness/requires.js'
import { type Role, spawnAs } from '../harness/users.js'
import { repository } from '../setup/matrix.mjs'

describe.for(['root', 'user'] satisfies Role[])('npm run demo as %s', (role) => {
  requires('userns', role)

  test('comes out as described and leaves nothing on the machine', async () => {
    const { code, output } = await demo(role)
    expect(output).toContain('All came out as described.')
    expect(code).toBe(0)
    for (const file of collisions.flatMap(({ files }) => files)) expect(output).toContain(file)
    for (const { file, verdict } of verdicts) expect(rowOf(output, file)).toContain(verdict)
    await expectNothingLeft()
  })
})

describe('a demo that is interrupted', () => {
  requires('userns')

  test('ends with an error and leaves nothing on the machine', async () => {
    const { child, done } = start(process.getuid?.() === 0 ? 'root' : 'user')
    while (!existsSync(stateDirectory)) await new Promise((resolve) => setTimeout(resolve, 20))
    child.kill('SIGINT')
    const { code, output } = await done
    expect(output).toContain('ended by SIGINT')
    expect(code).toBe(1)
    await expectNothingLeft()
  })
})

function demo(role: Role): Promise<{ code: number | null; output: string }> {
  return start(role).done
}

function start(role: Role) {
  const child = spawn(process.execPath, [join(repository, 'examples/demo.mjs')], {
    ...spawnAs(role, { NO_COLOR: '1' }),
    cwd: repository,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const texts = Promise.all([text(child.stdout), text(child.stderr)])
  const done = once(child, 'close').then(async ([code]) => ({
    code: code as number | null,
    output: (await texts).join(''),
  }))
  return { child, done }
}

function rowOf(output: string, file: string): string | undefined {
  return output.split('\n').find((line) => line.includes(` ${file} `))
}

async function expectNothingLeft(): Promise<void> {
  expect(existsSync(stateDirectory)).toBe(false)
  expect(existsSync(imageDirectory)).toBe(false)
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('glovebox-demo-'))).toEqual([])
  await expect(connect(port)).rejects.toThrow('ECONNREFUSED')
}

function connect(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const connection = createConnection(port, '127.0.0.1', () => {
      connection.destroy()
      resolve()
    }).once('error', reject)
  })
}
