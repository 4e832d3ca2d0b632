/** What depends on the architecture, built for arm64 and run by an emulator of that processor. */
import { describe, expect, test } from 'vitest'
import { buildUnit } from '../../native/test/programs.mjs'
import { runCases } from '../../native/test/tap.mjs'
import { requires } from '../harness/requires.js'

describe('for arm64', () => {
  requires('cc:arm64', 'apt:libc6-dev-arm64-cross', 'apt:qemu-user')

  test.each(['seccomp', 'decode'] as const)('the unit tests of %s pass', async (program) => {
    const path = await buildUnit(program, 'arm64')
    const outcomes = [...(await runCases('qemu-aarch64', {}, [path])).values()]
    expect(outcomes.filter(({ passed }) => !passed)).toEqual([])
    expect(outcomes.length).toBeGreaterThan(5)
  })
})
