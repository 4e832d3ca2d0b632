import type { Conclusion, Finding } from './conclude.js'
import type { Arm, Effect, Experiment } from './experiment.js'
import type { Suspect } from './patterns.js'
import type { Dimension } from './perturbation.js'
import { failing, repro } from './repro.js'
import type { Setting } from './setting.js'
import { trials, undetectedRate } from './statistics.js'
import type { Failure } from './trial-types.js'

/** Everything that an answer is made of. */
export interface Answer {
  /** As typed, and the test that was named. */
  file: string
  testName: string | undefined
  runner: string
  experiment: Experiment
  conclusion: Conclusion
  suspects: readonly Suspect[]
  /** Likely, but not beyond doubt. */
  hints: readonly Effect[]
  /** Why it ended: `undefined` if by itself. */
  stopped: 'budget' | 'interrupted' | undefined
  /** Milliseconds. */
  took: number
  setting: Setting
}

/** Completes "it depends on …". */
const causes: Record<Dimension, string> = {
  null: 'chance',
  cpu: 'timing: how much CPU it gets',
  'event-loop': 'timing: how busy its event loop is',
  memory: 'memory',
  pids: 'how many processes and threads it may have',
  'open-files': 'how many files it may open',
  disk: 'disk space',
  io: 'timing: how fast the disk is',
  network: 'the network',
  services: 'a service that must answer',
  ports: 'a port that must be free',
  hostname: 'the name of the machine',
  'time-zone': 'the time zone',
  locale: 'the locale',
  environment: 'environment variables',
  uptime: 'the uptime of the machine',
  date: 'the date',
  randomness: 'random numbers',
  order: 'the other tests of its file, or their order',
  leftovers: 'what an earlier run left behind',
  umask: 'the umask',
  copies: 'other runs of the same file at the same time',
  company: 'the files that ran before it in the same worker',
  together: 'the files that run at the same time',
  node: 'the version of Node.js',
}

/** All of them, always in this order. */
export const dimensions: readonly Dimension[] = Object.keys(causes) as Dimension[]

/** The cause in a few words, as in JSON. */
export function causeOf(dimension: Dimension): string {
  return causes[dimension]
}

/** The answer as text, without a final newline. */
export function answerText(answer: Answer): string {
  const { conclusion, experiment } = answer
  return [
    headline(answer),
    ...(conclusion.kind === 'always-fails' || conclusion.kind === 'flaky'
      ? firstFailure(experiment.baseline)
      : []),
    ...(conclusion.kind === 'depends' ? [...evidence(answer, conclusion.findings)] : []),
    ...command(answer),
    ...partial(answer),
    ...untried(experiment),
    effort(answer),
  ].join('\n')
}

/** The answer in one sentence. */
export function headline(answer: Answer): string {
  const { conclusion, experiment } = answer
  const name = subject(answer)
  const { baseline } = experiment
  switch (conclusion.kind) {
    case 'depends':
      return `${name} ${sentence(conclusion.findings[0])}`
    case 'unreliable':
      return `${name}: no answer. Two groups of trials without any change differ (${ratio(conclusion.null.arm)} against ${ratio(conclusion.null.reference)} failed), so this machine is too unsteady to compare. Try again when it is idle.`
    case 'always-fails':
      return `${name} fails every time (${ratio(baseline)}), and nothing that was tried makes it pass.`
    case 'flaky':
      return `${name} is flaky: it fails ${ratio(baseline)} without any change, but nothing that was tried makes a certain difference.`
    case 'stable':
      return `${name} is stable: ${ratio(baseline)} trials failed without a change, and none of ${changes(experiment)} changes made a difference. Failures rarer than ${percent(undetectedRate(trials(baseline.tally)))} may have gone unseen.`
    case 'undecided':
      return `${name}: no answer yet.`
  }
}

/** How many changes were tried, alone or with others. */
function changes({ arms }: Experiment): number {
  return new Set(arms.flatMap(({ perturbation: { id, members = [id] } }) => members)).size
}

function sentence({ arm, reference, nature, dimension, p }: Finding): string {
  const { label } = arm.perturbation
  const otherwise = reference.perturbation.label
  const certainty = `(p ${probability(p)})`
  switch (nature) {
    case 'breaks':
      return `always fails ${label} (${ratio(arm)}) and never ${otherwise} (${ratio(reference)}) ${certainty}: it depends on ${causes[dimension]}.`
    case 'flaky-under':
      return `is flaky ${label}: it fails ${ratio(arm)}, and ${ratio(reference)} ${otherwise} ${certainty}: it depends on ${causes[dimension]}.`
    case 'worse':
      return `fails more often ${label}: ${ratio(arm)}, and ${ratio(reference)} ${otherwise} ${certainty}: it depends on ${causes[dimension]}.`
    case 'needs':
      return `passes only ${label} (fails ${ratio(arm)}) and always fails ${otherwise} (${ratio(reference)}) ${certainty}: it depends on ${causes[dimension]}.`
    case 'better':
      return `fails less often ${label}: ${ratio(arm)}, and ${ratio(reference)} ${otherwise} ${certainty}: it depends on ${causes[dimension]}.`
    case 'capacity':
      return `cannot do ${label} (fails ${ratio(arm)}), which is less than it uses otherwise ${certainty}: it needs more ${dimension === 'memory' ? 'memory' : 'processes and threads'}.`
  }
}

function evidence(answer: Answer, findings: readonly [Finding, ...Finding[]]): string[] {
  const [first, ...others] = findings
  return [
    `  effect: ${signed(first.difference)} in failure rate (95 %: ${signed(first.interval.low)} to ${signed(first.interval.high)})`,
    ...firstFailure(failing(first)),
    ...answer.suspects.map(({ line, text, what }) => `  line ${line} looks like it (${what}): ${text}`),
    ...(others.length === 0 ? [] : ['  also:']),
    ...others.map(
      ({ arm, reference, p }) =>
        `    ${arm.perturbation.id}: fails ${ratio(arm)} ${arm.perturbation.label}, ${ratio(reference)} ${reference.perturbation.label} (p ${probability(p)})`,
    ),
  ]
}

function command(answer: Answer): string[] {
  const line = repro(answer)
  return line === undefined ? [] : [`Repro: ${line}`]
}

function firstFailure(arm: Arm): string[] {
  const failure = mostFrequentFailure(arm)
  if (failure === undefined) return []
  const { test, message, line, text } = failure
  return [`  ${test}: ${message}`, ...(line === undefined ? [] : [`  it fails in line ${line}: ${text}`])]
}

export function mostFrequentFailure({ failures }: Arm): Failure | undefined {
  const counts = new Map<string, { failure: Failure; count: number }>()
  for (const failure of failures) {
    const key = `${failure.test}: ${failure.message}`
    counts.set(key, { failure, count: (counts.get(key)?.count ?? 0) + 1 })
  }
  return [...counts.values()].sort((a, b) => b.count - a.count)[0]?.failure
}

function partial({ stopped, hints }: Answer): string[] {
  const why =
    stopped === 'budget'
      ? 'The time was up before everything was settled (--budget).'
      : 'Interrupted: this is what was known by then.'
  return [
    ...(stopped === undefined ? [] : [why]),
    ...hints.map(
      ({ arm, reference, p }) =>
        `  perhaps ${arm.perturbation.id}: fails ${ratio(arm)} ${arm.perturbation.label}, ${ratio(reference)} ${reference.perturbation.label} (p ${probability(p)}, not enough to be sure)`,
    ),
  ]
}

function untried({ arms }: Experiment): string[] {
  return arms.flatMap(({ perturbation, unusable }) =>
    unusable === undefined ? [] : [`  not tried, ${perturbation.id}: ${unusable.split('\n')[0]}`],
  )
}

function effort({ experiment: { baseline, arms }, took }: Answer): string {
  const count = [baseline, ...arms].reduce((sum, arm) => sum + trials(arm.tally), 0)
  return `${count} trials of ${arms.length + 1} kinds in ${Math.round(took / 1000)} s`
}

function subject({ file, testName }: Answer): string {
  return testName === undefined ? file : `${file} › ${testName}`
}

function ratio({ tally }: Arm): string {
  return `${tally.failed}/${trials(tally)}`
}

function probability(p: number): string {
  return p < 1e-4 ? `< 1e${Math.ceil(Math.log10(p))}` : `= ${p.toPrecision(2)}`
}

function percent(rate: number): string {
  return `${Math.round(rate * 100)} %`
}

function signed(rate: number): string {
  return `${rate < 0 ? '−' : '+'}${percent(Math.abs(rate))}`
}
