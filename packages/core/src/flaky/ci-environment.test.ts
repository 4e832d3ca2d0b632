import { expect, test } from 'vitest'
import { tested } from './ci-environment.js'

test.each([
  [{}, {}],
  [
    { GITHUB_SHA: 'a1', GITHUB_REF_NAME: 'main', GITHUB_HEAD_REF: '' },
    { commit: 'a1', branch: 'main' },
  ],
  [
    { GITHUB_SHA: 'a1', GITHUB_REF_NAME: '7/merge', GITHUB_HEAD_REF: 'topic' },
    { commit: 'a1', branch: 'topic' },
  ],
  [
    { CI_COMMIT_SHA: 'b2', CI_COMMIT_REF_NAME: 'dev' },
    { commit: 'b2', branch: 'dev' },
  ],
  [{ CI_NODE_INDEX: '2', CI_NODE_TOTAL: '5' }, { shard: '2/5' }],
  [{ CIRCLE_NODE_INDEX: '0', CIRCLE_NODE_TOTAL: '3' }, { shard: '1/3' }],
  [{ GIT_COMMIT: 'c3' }, { commit: 'c3' }],
])('%j tells of %j', (environment, expected) => {
  expect(tested(environment)).toEqual(expected)
})
