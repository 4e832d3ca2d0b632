/** What the kernel of the fast machine lacks, through the public API: an emulated one with an older kernel has every controller. */
import { describe, expect, test } from 'vitest'
import { ioIsLimitedAndCounted, leavesNothing, scenariosAs } from './scenarios.js'

describe('as root, on an older kernel with every controller', () => {
  const only = ['cpuset', 'pressure of memory', 'io of a disk', 'memory of a child', 'pause and resume']
  const scenarios = scenariosAs('root', { backend: 'qemu', only })

  test('a cpuset confines, and the command is told of it', () => {
    expect(scenarios.of('cpuset')).toMatchObject({ stdout: '1\n', ending: { code: 0 } })
  })

  test('the pressure of memory is there to be read', () => {
    expect(scenarios.of('pressure of memory').stdout).toMatch(/^some avg10=[\d.]+ .*\nfull avg10=/)
  })

  test('io of a disk is limited and counted', () => ioIsLimitedAndCounted(scenarios))

  test('memory is capped', () => {
    const { ending, hits } = scenarios.of('memory of a child')
    expect([ending.cause, hits]).toEqual([{ kind: 'memory' }, ['memory']])
  })

  test('a paused sandbox stands still, and goes on', () => {
    expect(scenarios.of('pause and resume')).toMatchObject({ whileFrozen: 0, cause: { kind: 'killed' } })
  })

  leavesNothing(scenarios)
})
