/** `glovebox run --forward`, `--allow`. */
import { describe, expect, test } from 'vitest'
import { roles } from '../api/program.js'
import { glovebox } from '../cli/cli.js'
import { requires } from '../harness/requires.js'
import { serve } from './inside.js'

describe.each(roles)('as %s', (as) => {
  requires(as)

  test('--forward reaches a server of the host, and only that', async () => {
    await using server = await serve((socket) => socket.resume().end('pong'))
    const read = (port: number) =>
      `require('net').connect(${port}, '127.0.0.1').on('data', (d) => console.log(String(d))).on('error', (e) => console.log(e.code))`
    const code = `${read(80)}; ${read(server.port)}`
    const { status, stdout } = await glovebox(
      `--forward 80:localhost:${server.port}`,
      [process.execPath, '-e', code],
      { as },
    )
    expect(status).toBe(0)
    expect(stdout.trim().split('\n').sort()).toEqual(['ECONNREFUSED', 'pong'])
  })

  test('a name that no --allow lets through is named', async () => {
    const { status, stderr } = await glovebox(
      '--allow api.example.com:443',
      ['getent', 'hosts', 'pay.example.com'],
      {
        as,
      },
    )
    expect(status).toBe(2)
    expect(stderr).toContain('the command asked for pay.example.com, which no --allow lets through')
  })

  test.each([
    ['--forward db', "--forward: 'db' is not a port"],
    ['--forward 53', 'own resolver'],
    ['--forward 80:a:1 --forward 80:b:1', 'more than one place'],
    ['--allow api.example.com:4*', 'a port that is not between 1 and 65535'],
    ['--network host --forward 80', '--network host'],
  ])('%s is refused', async (flags, part) => {
    const { status, stderr } = await glovebox(flags, ['true'], { as })
    expect(status).toBe(125)
    expect(stderr).toContain(part)
  })
})
