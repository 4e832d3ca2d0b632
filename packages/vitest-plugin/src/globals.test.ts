import { expect, test } from 'vitest'
import { changedGlobals, globalsNow, restoreGlobals } from './globals.js'

const globals = globalThis as Record<string, unknown>

test('what was added, changed and taken away is found and put back', () => {
  globals.ofTest = 'before'
  globals.goes = 1
  const before = globalsNow()
  globals.ofTest = 'after'
  globals.comes = 1
  delete globals.goes
  expect(changedGlobals(before)).toEqual(expect.arrayContaining(['ofTest', 'comes', 'goes']))
  restoreGlobals(before, ['ofTest', 'comes', 'goes'])
  expect(changedGlobals(before)).toEqual([])
  expect([globals.ofTest, 'comes' in globals, globals.goes]).toEqual(['before', false, 1])
  delete globals.ofTest
  delete globals.goes
})

test('only the keys that are named are put back', () => {
  const before = globalsNow()
  globals.ofTest = 'stays'
  restoreGlobals(before, ['another'])
  expect(globals.ofTest).toBe('stays')
  delete globals.ofTest
})
