import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { storeInCache } from './cache.js'

let directory: string
const inside = (path: string) => join(directory, path)

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gbtest-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('what Jest transformed is stored, and nothing else is left', async () => {
  await storeInCache(directory, inside('jest-transform-cache-1/ab/lib_1'), 'code')
  expect(readFileSync(inside('jest-transform-cache-1/ab/lib_1'), 'utf8')).toBe('code')
  expect(readdirSync(inside('jest-transform-cache-1/ab'))).toEqual(['lib_1'])
})

test('an entry that is there stays as it is', async () => {
  await storeInCache(directory, inside('jest-transform-cache-1/ab/lib_1'), 'code')
  await storeInCache(directory, inside('jest-transform-cache-1/ab/lib_1'), 'poison')
  expect(readFileSync(inside('jest-transform-cache-1/ab/lib_1'), 'utf8')).toBe('code')
  expect(readdirSync(inside('jest-transform-cache-1/ab'))).toEqual(['lib_1'])
})

test.each(['haste-map-1', '../beside', 'jest-transform-cache-1/../../beside', 'perf-cache-1'])(
  '%s is refused',
  async (path) => {
    await storeInCache(directory, `${directory}/${path}`, 'poison')
    expect(readdirSync(directory)).toEqual([])
    expect(readdirSync(join(directory, '..'))).not.toContain('beside')
  },
)
