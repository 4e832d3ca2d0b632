import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createLink } from './link.js'
import type { RpcCall } from './protocol.js'

function setup() {
  const toVitest: unknown[] = []
  const toWorker: unknown[] = []
  const own = { id: 'module', path: '/app/a.test.ts', bail: false }
  const link = createLink(own, {
    toVitest: (message) => toVitest.push(message),
    toWorker: (message) => toWorker.push(message),
  })
  return { link, toVitest, toWorker }
}

const call = (m: string, ...a: unknown[]): RpcCall => ({ t: 'q', m, a, i: `${m}-id` })
const module = { id: 'module', filepath: '/app/a.test.ts', tasks: [] }
const collected = call('onCollected', [module])

describe('calls of a worker', () => {
  test('pass to Vitest as they are', () => {
    const { link, toVitest } = setup()
    const calls = [
      call('fetch', 'a'),
      collected,
      call('onTaskUpdate', [['module_0', { state: 'run' }, {}]], []),
    ]
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

  test('an error that names ENOSPC is remembered, and EXDEV is', () => {
    const { link } = setup()
    expect(link.noSpace).toBe(false)
    const result = { state: 'fail', errors: [{ message: 'ENOSPC: no space left on device, write' }] }
    link.receive(call('onTaskUpdate', [['module_0', result, {}]], []))
    expect(link.noSpace).toBe(true)
    expect(link.crossDevice).toBe(false)
    const other = { state: 'fail', errors: [{ message: 'EXDEV: cross-device link not permitted, rename' }] }
    link.receive(call('onTaskUpdate', [['module_0', other, {}]], []))
    expect(link.crossDevice).toBe(true)
  })

  test('an error that says that a process was refused is remembered', () => {
    const { link } = setup()
    expect(link.forkRefused).toBe(false)
    const errors = [{ message: 'spawnSync git EAGAIN' }]
    link.receive(call('onTaskUpdate', [['module_0', { state: 'fail', errors }, {}]], []))
    expect(link.forkRefused).toBe(true)
  })

  test('ports that are taken are remembered', () => {
    const { link } = setup()
    const errors = [{ message: 'listen EADDRINUSE: address already in use :::5432' }]
    link.receive(call('onTaskUpdate', [['module_0', { state: 'fail', errors }, {}]], []))
    expect([...link.portsInUse]).toEqual([5432])
  })

  test('what was refused is remembered with the test that ran, if it was just one', () => {
    const { link, toVitest } = setup()
    const tasks = [
      { id: 'module_0', name: 'card', tasks: [{ id: 'module_0_0', name: 'charges' }] },
      { id: 'module_1', name: 'other' },
    ]
    link.receive(call('onCollected', [{ ...module, tasks }]))
    const refused = { glovebox: 'refused', kind: 'name', host: 'api.example.com', port: 443 }
    link.receive({ glovebox: 'test', id: 'module_0_0', result: { state: 'run' }, at: 5 })
    link.receive(refused)
    link.receive({ glovebox: 'test', id: 'module_1', result: { state: 'run' }, at: 7 })
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

describe('what a worker says of others', () => {
  const foreign: [what: string, forged: RpcCall, passed: RpcCall | undefined][] = [
    ['a module', call('onQueued', { ...module, id: 'other', filepath: '/app/b.test.ts' }), undefined],
    ['a path under its own id', call('onCollected', [{ ...module, filepath: '/app/b.test.ts' }]), undefined],
    ['a test below its own module', call('onCollected', [{ ...module, tasks: [{ id: 'b_0' }] }]), undefined],
    [
      'results',
      call(
        'onTaskUpdate',
        [
          ['b_0', { state: 'pass' }, {}],
          ['module_0', { state: 'run' }, {}],
        ],
        [['b', 'x']],
      ),
      call('onTaskUpdate', [['module_0', { state: 'run' }, {}]], []),
    ],
    ['an artifact', call('onTaskArtifactRecord', 'b_0', {}), undefined],
    ['the end of the run', call('onCancel', 'test-failure'), undefined],
  ]

  test.each(foreign)('does not reach Vitest: %s', (_, forged, passed) => {
    const { link, toVitest, toWorker } = setup()
    link.receive(forged)
    expect(toVitest).toEqual(passed === undefined ? [] : [passed])
    // Nobody waits in vain.
    if (passed === undefined) expect(toWorker).toEqual([{ t: 's', i: forged.i, r: undefined }])
    expect(link.foreign.size).toBeGreaterThan(0)
  })

  test('is nothing, as a rule', () => {
    const { link } = setup()
    link.receive(collected)
    link.receive(call('onTaskUpdate', [['module_0_1', { state: 'run' }, {}]], [['module', 'suite-prepare']]))
    expect(link.foreign.size).toBe(0)
  })
})

describe('attachments', () => {
  test('are copied out of the sandbox until the file is done', () => {
    const { link, toVitest } = setup()
    link.receive({ glovebox: 'attachment', path: '/tmp/shot.png', content: Buffer.from('pixels') })
    link.receive(
      call('onTaskArtifactRecord', 'module_0', { annotation: { attachment: { path: '/tmp/shot.png' } } }),
    )
    const passed = toVitest[0] as { a: [string, { annotation: { attachment: { path: string } } }] }
    const { path } = passed.a[1].annotation.attachment
    expect(path).not.toBe('/tmp/shot.png')
    expect(readFileSync(path, 'utf8')).toBe('pixels')
    link.close()
    expect(existsSync(path)).toBe(false)
  })

  test('that were not sent are not looked for on the host', () => {
    const { link, toVitest } = setup()
    link.receive(call('onTaskArtifactRecord', 'module_0', { attachments: [{ path: '/etc/hostname' }] }))
    const { a } = toVitest[0] as { a: [string, { attachments: { path: string }[] }] }
    expect(existsSync(a[1].attachments[0]?.path ?? '')).toBe(false)
    link.close()
  })

  test('a link stays a link', () => {
    const { link, toVitest } = setup()
    const message = call('onTaskArtifactRecord', 'module_0', {
      attachments: [{ path: 'https://example.org/a' }],
    })
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
