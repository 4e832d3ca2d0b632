import type { Conclusion, Finding } from './conclude.js'
import type { Arm, Experiment } from './experiment.js'
import { rateInterval, trials } from './statistics.js'

/** Runs after which a file that fails as often as was seen has failed, but for one case in a thousand; never fewer. */
const fewest = 20
const surely = 0.001

/** What the command that makes a file fail is made of. */
export interface ReproInput {
  file: string
  testName: string | undefined
  runner: string
  conclusion: Conclusion
  experiment: Experiment
}

/** Of the two arms of a finding, the one that fails. */
export function failing({ arm, reference, difference }: Finding): Arm {
  return difference > 0 ? arm : reference
}

/** The command line that makes it fail most often; absent where it never failed. Pure. */
export function repro({ file, testName, runner, conclusion, experiment }: ReproInput): string | undefined {
  const arm = worst(conclusion, experiment)
  if (arm === undefined || arm.tally.failed === 0) return undefined
  const name = testName === undefined ? '' : ` -t ${quote(testName)}`
  const how = `--under ${quote(arm.perturbation.id)} --times ${timesFor(arm)} --runner ${runner}`
  return `npx glovebox run ${how} ${quote(file)}${name}`
}

/** Of what makes a difference, the arm that fails; of a file that fails whatever is changed, the one that fails most surely. */
function worst(conclusion: Conclusion, { baseline, arms }: Experiment): Arm | undefined {
  switch (conclusion.kind) {
    case 'depends':
      return failing(conclusion.findings[0])
    case 'always-fails':
      return baseline
    case 'flaky': {
      // A group is no change that one would know what to make of.
      const usable = arms.filter(({ perturbation: { members } }) => members === undefined)
      const surest = ({ tally }: Arm) => rateInterval(tally).low
      return [baseline, ...usable].reduce((most, arm) => (surest(arm) > surest(most) ? arm : most))
    }
    case 'stable':
    case 'unreliable':
    case 'undecided':
      return undefined
  }
}

function timesFor({ tally }: Arm): number {
  const rate = (tally.failed + 1) / (trials(tally) + 2)
  return Math.max(fewest, Math.ceil(Math.log(surely) / Math.log(1 - rate)))
}

function quote(word: string): string {
  return /^[\w./@:=+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
