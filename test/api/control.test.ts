/** A sandbox under the control of another tool, to its disposal. */
import { describe, expect, test } from 'vitest'
import { requires } from '../harness/requires.js'
import type { Role } from '../harness/users.js'
import { program, roles } from './program.js'

/** Plays a scenario of programs/control.mjs, after which nothing may be left. */
async function play<Output>(role: Role, scenario: string): Promise<Output> {
  const { output, status, left, stderr } = await program<Output>(role, 'control', { scenario })
  expect({ status, left }, stderr).toEqual({ status: 0, left: [] })
  return output
}

describe.each(roles)('as %s', (role) => {
  requires(role)

  test('a paused sandbox stands still, and goes on when it is resumed', async () => {
    const { still, wall, cause } = await play<{ still: number; wall: number; cause: unknown }>(role, 'pause')
    expect(still).toBe(0)
    expect(wall).toBeGreaterThan(200)
    expect(cause).toEqual({ kind: 'killed', detail: 'enough' })
  })

  test('a paused sandbox can be killed', async () => {
    expect(await play(role, 'killWhilePaused')).toEqual({ kind: 'killed', detail: 'why not' })
  })

  test('a signal reaches the process', async () => {
    expect(await play(role, 'signal')).toEqual({ code: 5, output: 'ready\ncaught\n' })
  })

  test('a second run is refused', async () => {
    expect(await play(role, 'twice')).toBe('GLOVEBOX_STATE')
  })

  test('destroying, twice at once, ends what runs', async () => {
    expect(await play(role, 'destroyedWhileRunning')).toMatchObject({ kind: 'killed' })
  })

  test('a sandbox that never ran is destroyed as well', async () => {
    expect(await play(role, 'neverRun')).toMatchObject({ kind: 'killed' })
  })

  test('a sandbox that is never destroyed does not keep the process alive, and leaves nothing', async () => {
    expect(await play(role, 'neverDestroyed')).toBe('ended')
  })

  test('a process that exits while its sandbox runs leaves nothing', async () => {
    expect(await play(role, 'exitWhileRunning')).toBe('left at once')
  })

  test('a sandbox that cannot be made is an error with stage and path, and leaves nothing', async () => {
    expect(await play(role, 'refused')).toEqual({
      code: 'GLOVEBOX_SANDBOX',
      path: '/no/such/directory',
      stage: expect.stringMatching(/./),
    })
  })

  test('an argument that holds a NUL is refused', async () => {
    expect(await play(role, 'nul')).toEqual({
      code: 'GLOVEBOX_PROTOCOL',
      message: expect.stringMatching(/`arg`.*NUL/),
    })
  })

  test('a timeout can be set while the process runs', async () => {
    expect(await play(role, 'lowLimitLater')).toEqual({ kind: 'timeout' })
  })

  test('a supervisor that is killed ends everything', async () => {
    expect(await play(role, 'supervisorGone')).toEqual({
      cause: { kind: 'supervisor-died', detail: 'The supervisor was killed by SIGKILL.' },
      usage: 'supervisor',
    })
  })

  test('five sandboxes later no more descriptors are open', async () => {
    expect(await play(role, 'descriptors')).toMatchObject({ grown: 0 })
  })
})
