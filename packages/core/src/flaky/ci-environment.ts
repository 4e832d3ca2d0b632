import type { HistoryRun } from './history.js'

type Environment = Readonly<Record<string, string | undefined>>

/** Where CI services say what they test, in this order. */
const commits = [
  'GITHUB_SHA',
  'CI_COMMIT_SHA', // GitLab
  'CIRCLE_SHA1',
  'BUILDKITE_COMMIT',
  'BITBUCKET_COMMIT',
  'BUILD_SOURCEVERSION', // Azure Pipelines
  'TRAVIS_COMMIT',
  'DRONE_COMMIT_SHA', // Drone, Woodpecker
  'GIT_COMMIT', // Jenkins
]
const branches = [
  'GITHUB_HEAD_REF', // of a pull request
  'GITHUB_REF_NAME',
  'CI_COMMIT_REF_NAME',
  'CIRCLE_BRANCH',
  'BUILDKITE_BRANCH',
  'BITBUCKET_BRANCH',
  'BUILD_SOURCEBRANCHNAME',
  'TRAVIS_BRANCH',
  'DRONE_SOURCE_BRANCH',
  'GIT_BRANCH',
]

/** What the environment tells of what is tested; keys that it does not tell are absent. Pure. */
export function tested(environment: Environment): Pick<HistoryRun, 'commit' | 'branch'> {
  const first = (names: readonly string[]) => names.map((name) => environment[name]).find(Boolean)
  const [commit, branch] = [first(commits), first(branches)]
  return { ...(commit !== undefined && { commit }), ...(branch !== undefined && { branch }) }
}
