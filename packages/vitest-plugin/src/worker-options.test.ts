import { expect, test } from 'vitest'
import { environmentDifference } from './worker-options.js'

test('a project differs in what it adds, changes and lacks', () => {
  expect(
    environmentDifference({ same: '1', changed: 'a', gone: 'x' }, { same: '1', changed: 'b', added: 'c' }),
  ).toEqual({
    changed: 'b',
    gone: undefined,
    added: 'c',
  })
})
