import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createLink } from './link.js'
import type { RpcCall } from './protocol.js'

function setup() {
  const toVitest: unknown[] = []
  const toWorker: unknown[] = []
  const link = createLink({
    toVitest: (message) => toVitest.push(message),
    toWorker: (message) => toWorker.push(message),
  })
  return { link, toVitest, toWorker }
}

const call = (m: string, ...a: unknown[]): RpcCall => ({ t: 'q', m, a, i: `${m}-id` })
const collected = call('onCollected', [{ id: 'module' }])

describe('calls of a worker', () => {
  test('pass to Vitest as they are', () => {
    const { link, toVitest } = setup()
    const calls = [call('fetch', 'a'), collected, call('onTaskUpdate', [['x', { state: 'run' }, {}]], [])]
    for (const each of calls) link.receive(each)
    expect(toVitest).toEqual(calls)
  })

  test('from the end of the module on, updates are held back and answered here', () => {
    const { link, toVitest, toWorker } = setup()
    link.receive(collected)
    const end = [[['module', { state: 'pass' }, {}]], [['module', 'suite-finished', undefined]]]
    link.receive(call('onTaskUpdate', ...end))
    link.receive(call('onTaskUpdate', [], []))
    expect(toVitest).toEqual([collected])
    expect(link.held).toEqual([end, [[], []]])
    expect(toWorker).toEqual([
      { t: 's', i: 'onTaskUpdate-id', r: undefined },
      { t: 's', i: 'onTaskUpdate-id', r: undefined },
    ])
  })

  test('an error that names ENOSPC is remembered', () => {
    const { link } = setup()
    expect(link.noSpace).toBe(false)
    const result = { state: 'fail', errors: [{ message: 'ENOSPC: no space left on device, write' }] }
    link.receive(call('onTaskUpdate', [['test', result, {}]], []))
    expect(link.noSpace).toBe(true)
  })

  test('an error that says that a process was refused is remembered', () => {
    const { link } = setup()
    expect(link.forkRefused).toBe(false)
    const errors = [{ message: 'spawnSync git EAGAIN' }]
    link.receive(call('onTaskUpdate', [['test', { state: 'fail', errors }, {}]], []))
    expect(link.forkRefused).toBe(true)
  })

  test('ports that are taken are remembered', () => {
    const { link } = setup()
    const errors = [{ message: 'listen EADDRINUSE: address already in use :::5432' }]
    link.receive(call('onTaskUpdate', [['test', { state: 'fail', errors }, {}]], []))
    expect([...link.portsInUse]).toEqual([5432])
  })

  test('what was refused is remembered with the test that ran, if it was just one', () => {
    const { link, toVitest } = setup()
    const tasks = [
      { id: 'suite', name: 'card', tasks: [{ id: 't1', name: 'charges' }] },
      { id: 't2', name: 'other' },
    ]
    link.receive(call('onCollected', [{ id: 'module', tasks }]))
    const refused = { glovebox: 'refused', kind: 'name', host: 'api.example.com', port: 443 }
    link.receive({ glovebox: 'test', id: 't1', result: { state: 'run' } })
    link.receive(refused)
    link.receive({ glovebox: 'test', id: 't2', result: { state: 'run' } })
    link.receive(refused)
    const { glovebox: _, ...entry } = refused
    expect(link.refused).toEqual([{ ...entry, test: 'card > charges' }, entry])
    expect(toVitest).toHaveLength(1)
  })

  test('coverage that is given as a path names a file that was written', () => {
    const { link } = setup()
    link.receive(call('onAfterSuiteRun', { coverage: '/app/coverage/.tmp/1.json' }))
    link.receive(call('onAfterSuiteRun', { coverage: { result: [] } }))
    link.receive({ glovebox: 'wrote', path: '/app/a.snap' })
    expect([...link.wrote]).toEqual(['/app/coverage/.tmp/1.json', '/app/a.snap'])
  })
})

describe('attachments', () => {
  test('are copied out of the sandbox until the file is done', () => {
    const { link, toVitest } = setup()
    link.receive({ glovebox: 'attachment', path: '/tmp/shot.png', content: Buffer.from('pixels') })
    link.receive(
      call('onTaskArtifactRecord', 'test', { annotation: { attachment: { path: '/tmp/shot.png' } } }),
    )
    const passed = toVitest[0] as { a: [string, { annotation: { attachment: { path: string } } }] }
    const { path } = passed.a[1].annotation.attachment
    expect(path).not.toBe('/tmp/shot.png')
    expect(readFileSync(path, 'utf8')).toBe('pixels')
    link.close()
    expect(existsSync(path)).toBe(false)
  })

  test('a link stays a link', () => {
    const { link, toVitest } = setup()
    const message = call('onTaskArtifactRecord', 't', { attachments: [{ path: 'https://example.org/a' }] })
    link.receive(message)
    expect(toVitest).toEqual([message])
    link.close()
  })
})

describe('calls in the place of the worker', () => {
  test('are done when Vitest answers them', async () => {
    const { link, toVitest } = setup()
    const done = link.call('onTaskUpdate', [[], []])
    const { i } = toVitest[0] as { i: string }
    expect(link.settle({ t: 's', i: 'of the worker' })).toBe(false)
    expect(link.settle({ t: 's', i })).toBe(true)
    await done
  })

  test('are given up when Vitest stopped listening', async () => {
    const { link } = setup()
    const waiting = link.call('onTaskUpdate', [[], []])
    link.close()
    await waiting
    await link.call('onTaskUpdate', [[], []])
  })
})
