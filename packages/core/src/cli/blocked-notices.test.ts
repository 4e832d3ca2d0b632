import { expect, test } from 'vitest'
import { blockedNotices } from './blocked-notices.js'

test('a refused name and a silent target are told apart', () => {
  const notices = blockedNotices([
    { kind: 'name', host: 'api.example.com' },
    { kind: 'unreachable', host: '::1', port: 5432 },
  ])
  expect(notices).toEqual([
    'the command asked for api.example.com, which no --allow lets through',
    '[::1]:5432 does not answer',
  ])
})

test('without either nothing is said', () => {
  expect(blockedNotices([])).toEqual([])
})
