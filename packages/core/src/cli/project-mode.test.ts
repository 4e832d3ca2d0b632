import { expect, test } from 'vitest'
import { projectMode, projectNotice } from './project-mode.js'

const host = { home: '/home/ada', tmpdir: '/scratch' }

test.each([
  ['/home/ada/app', 'direct'],
  ['/srv/app', 'direct'],
  ['/tmp/app', 'direct'],
  ['/home/ada', 'overlay'],
  ['/home', 'overlay'],
  ['/tmp', 'overlay'],
  ['/scratch', 'overlay'],
  ['/var', 'overlay'],
  ['/', 'readonly'],
] as const)('%s is %s', (project, mode) => {
  expect(projectMode(project, host)).toBe(mode)
})

test('writes that will be lost are announced', () => {
  expect(projectNotice('/tmp', 'overlay')).toMatch(/^\/tmp is not taken for a project.*--project direct/)
  expect(projectNotice('/app', 'direct')).toBeUndefined()
})
