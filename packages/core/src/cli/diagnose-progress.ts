import type { WriteStream } from 'node:tty'
import { type Experiment, isMixed } from '../diagnose/experiment.js'
import { forecast } from '../diagnose/forecast.js'
import { trials } from '../diagnose/statistics.js'

/** One line on a terminal that is written anew; nothing anywhere else. */
export interface Progress {
  say(text: string): void
  update(experiment: Experiment): void
  end(): void
}

const silent: Progress = { say() {}, update() {}, end() {} }

/** `begun`: when the command began; `budget`: milliseconds. */
export function showProgress(
  stream: NodeJS.WriteStream | WriteStream,
  begun: number = Date.now(),
  budget: number = Number.POSITIVE_INFINITY,
): Progress {
  if (!stream.isTTY) return silent
  const write = (text: string): void =>
    void stream.write(`\r\u001b[K${text.slice(0, (stream.columns ?? 80) - 1)}`)
  return {
    say: (text: string) => write(`glovebox: ${text} …`),
    update: (experiment: Experiment) =>
      write(progressLine(experiment, forecast(experiment), Date.now() - begun, budget)),
    end: () => write(''),
  }
}

/** Of the bar, columns. */
const width = 12

/** `left`: trials that are still expected; `elapsed`, `budget`: milliseconds that have passed, and that there are in all. Pure. */
export function progressLine(experiment: Experiment, left: number, elapsed: number, budget: number): string {
  const arms = [experiment.baseline, ...experiment.arms]
  const done = arms.reduce((sum, arm) => sum + trials(arm.tally), 0)
  const filled = Math.round((width * done) / Math.max(1, done + left))
  const bar = '█'.repeat(filled) + '░'.repeat(width - filled)
  // The first look at the file was a trial, too.
  const needed = (left * elapsed) / (done + 1)
  const time =
    needed > budget - elapsed ? `${spoken(budget - elapsed)} left (--budget)` : `about ${spoken(needed)} left`
  const failing = arms.filter(({ tally }) => tally.failed > 0).length
  const found = failing === 0 ? 'no failure yet' : `failures under ${failing} of ${arms.length}`
  const flaky = isMixed(experiment.baseline.tally) ? ', flaky as it is' : ''
  return `${bar} ${done} of about ${done + left} trials, ${time}; ${found}${flaky}`
}

function spoken(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000))
  return seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}
