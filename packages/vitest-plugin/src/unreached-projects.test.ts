import { expect, test } from 'vitest'
import { reachesNoProject } from './unreached-projects.js'

const projects = ['packages/*']
const withPlugin = { viteConfig: { plugins: [{ name: 'glovebox' }] } }
const without = { viteConfig: { plugins: [{ name: 'vite:json' }] } }

test('a configuration without projects is a project itself', () => {
  expect(reachesNoProject({}, false)).toBe(false)
  expect(reachesNoProject(undefined, false)).toBe(false)
})

test('in Vitest 4 some project was attached, or none', () => {
  expect(reachesNoProject({ projects }, true)).toBe(false)
  expect(reachesNoProject({ projects }, false)).toBe(true)
})

test('in Vitest 5 some project has the plugin, or none', () => {
  expect(reachesNoProject({ projects, resolvedProjects: [without, withPlugin] }, false)).toBe(false)
  expect(reachesNoProject({ projects, resolvedProjects: [without] }, false)).toBe(true)
})
