import { expect, test } from 'vitest'
import type { Plugin, TestProjectConfiguration } from 'vitest/config'
import { coverInlineProjects } from './inline-projects.js'
import { placeholderPool } from './pool-choice.js'

const own: Plugin = { name: 'glovebox' }

function covered(project: unknown, major: number, rootPool?: string): unknown {
  const projects = [project] as TestProjectConfiguration[]
  coverInlineProjects(projects, { major, rootPool, plugin: () => own })
  return projects[0]
}

test.each([
  ['without extends, in Vitest 4', { test: {} }, 4],
  ['with another configuration', { extends: './other.ts', test: {} }, 4],
  ['that wants nothing of the root, in Vitest 5', { extends: false, test: {} }, 5],
])('a project %s gets the plugin', (_, project, major) => {
  expect(covered(project, major)).toEqual({ ...project, plugins: [own] })
})

test.each([
  ['that extends the root, in Vitest 4', { extends: true, test: { name: 'a' } }, 4],
  ['in Vitest 5', { test: { name: 'a' } }, 5],
  ['that extends the root, in Vitest 5', { extends: true, test: { name: 'a' } }, 5],
])('a project %s gets the pool', (_, project, major) => {
  expect(covered(project, major)).toEqual({ ...project, test: { name: 'a', pool: placeholderPool } })
})

test('a pool that the user chose is kept', () => {
  expect(covered({ test: { pool: 'threads' } }, 5)).toEqual({ test: { pool: 'threads' } })
  expect(covered({ test: {} }, 5, 'threads')).toEqual({ test: {} })
})

test('a project of its own file is left alone', () => {
  expect(covered('packages/*', 5)).toBe('packages/*')
})

test('functions and promises are covered when they are resolved', async () => {
  const fromFunction = covered(() => ({ test: { name: 'a' } }), 4) as () => Promise<unknown>
  expect(await fromFunction()).toEqual({ test: { name: 'a' }, plugins: [own] })
  const fromPromise = covered(Promise.resolve({ test: { name: 'b' } }), 4) as () => Promise<unknown>
  expect(await fromPromise()).toEqual({ test: { name: 'b' }, plugins: [own] })
})
