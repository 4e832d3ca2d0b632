import type { WriteStream } from 'node:tty'
import { type Experiment, isMixed } from '../diagnose/experiment.js'
import { trials } from '../diagnose/statistics.js'

/** One line on a terminal that is written anew; nothing anywhere else. */
export interface Progress {
  say(text: string): void
  update(experiment: Experiment, left: number): void
  end(): void
}

export function showProgress(stream: NodeJS.WriteStream | WriteStream, begun: number): Progress {
  const write = (text: string): void => {
    if (stream.isTTY) stream.write(`\r\u001b[K${text.slice(0, (stream.columns ?? 80) - 1)}`)
  }
  return {
    say: (text) => write(`glovebox: ${text} …`),
    update: (experiment, left) => write(progressLine(experiment, left, Date.now() - begun)),
    end: () => write(''),
  }
}

/** `left`: trials that the stage still needs; `elapsed`: milliseconds. Pure. */
export function progressLine(experiment: Experiment, left: number, elapsed: number): string {
  const arms = [experiment.baseline, ...experiment.arms]
  const done = arms.reduce((sum, arm) => sum + trials(arm.tally), 0)
  const width = 20
  const filled = Math.round((width * done) / Math.max(1, done + left))
  const bar = '█'.repeat(filled) + '░'.repeat(width - filled)
  const seconds = Math.ceil((left * elapsed) / Math.max(1, done) / 1000)
  const failing = arms.filter(({ tally }) => tally.failed > 0).length
  const found = failing === 0 ? 'no failure yet' : `failures under ${failing} of ${arms.length}`
  const flaky = isMixed(experiment.baseline.tally) ? ', flaky as it is' : ''
  return `${bar} ${done} of ${done + left} trials, about ${seconds} s left in stage ${experiment.stage + 1}; ${found}${flaky}`
}
