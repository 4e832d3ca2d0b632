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

/** Number of a parallel job and of all of them, and what the first is called. */
const shards = [
  { index: 'CI_NODE_INDEX', total: 'CI_NODE_TOTAL', first: 1 }, // GitLab
  { index: 'CIRCLE_NODE_INDEX', total: 'CIRCLE_NODE_TOTAL', first: 0 },
  { index: 'BUILDKITE_PARALLEL_JOB', total: 'BUILDKITE_PARALLEL_JOB_COUNT', first: 0 },
]

/** What the environment tells of what is tested; keys that it does not tell are absent. Pure. */
export function tested(environment: Environment): Pick<HistoryRun, 'commit' | 'branch' | 'shard'> {
  const first = (names: readonly string[]) => names.map((name) => environment[name]).find(Boolean)
  const [commit, branch] = [first(commits), first(branches)]
  const job = shards.find(({ index, total }) => environment[index] && environment[total])
  return {
    ...(commit !== undefined && { commit }),
    ...(branch !== undefined && { branch }),
    ...(job && { shard: `${Number(environment[job.index]) + 1 - job.first}/${environment[job.total]}` }),
  }
}
