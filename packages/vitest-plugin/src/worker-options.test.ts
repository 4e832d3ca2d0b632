import { expect, test } from 'vitest'
import { environmentDifference, mentioned } from './worker-options.js'

test('a project differs in what it adds, changes and lacks', () => {
  expect(
    environmentDifference({ same: '1', changed: 'a', gone: 'x' }, { same: '1', changed: 'b', added: 'c' }),
  ).toEqual({
    changed: 'b',
    gone: undefined,
    added: 'c',
  })
})

test('texts that are provided count as variables, which the environment overrules', () => {
  const provided = {
    databaseUrl: 'postgres://localhost:1/x',
    port: 5432,
    API_URL: 'http://a',
    mongo2Uri: 'mongodb://b',
  }
  expect(mentioned({ API_URL: 'http://c', PATH: '/bin' }, provided)).toEqual({
    DATABASE_URL: 'postgres://localhost:1/x',
    API_URL: 'http://c',
    MONGO2_URI: 'mongodb://b',
    PATH: '/bin',
  })
})
