import { expect, test } from 'vitest'
import { begin, createExperiment, nextArm } from './experiment.js'
import { forecast } from './forecast.js'
import { type Circumstances, perturbationsFor } from './perturbations.js'
import { playOut } from './play-out.js'

const circumstances: Circumstances = {
  runner: 'vitest',
  env: { PATH: '/usr/bin', SERVICE: 'x' },
  source: '',
  seen: { ports: [4710], talks: false, services: [], leftovers: [] },
  named: false,
}
const start = createExperiment(perturbationsFor(circumstances))

/** Before each trial of an experiment in which this change alone makes it fail: how many are done, and how many are said to be left. */
function forecasts(cause: string): { done: number; left: number }[] {
  const seen: { done: number; left: number }[] = []
  playOut(start, ({ perturbation: { id, members = [id] } }, done, now) => {
    seen.push({ done, left: forecast(now) })
    return members.includes(cause) ? { kind: 'failed', failures: [] } : { kind: 'passed' }
  })
  return seen
}

test('of a file that never fails, all trials are known from the first on', () => {
  const { trials } = playOut(start, () => ({ kind: 'passed' }))
  expect(forecast(start)).toBe(trials)
  for (const { done, left } of forecasts('nothing')) expect(done + left).toBe(trials)
})

test('what is found makes the experiment longer, and later stages are part of the forecast before they begin', () => {
  const revised = forecasts('cpus=0.1').map(({ done, left }) => done + left)
  const failedOnce = revised.findIndex((total) => total > forecast(start))
  // Long before the first stage is over.
  expect(failedOnce).toBeLessThan(forecast(start) / 2)
  expect(revised.at(-1)).toBe(revised.length)
  for (const total of revised.slice(failedOnce))
    expect(Math.abs(total / revised.length - 1)).toBeLessThan(0.25)
})

test('trials that run count as left, and an experiment that is over has none', () => {
  const arm = nextArm(start)
  const running = begin(start, arm?.perturbation.id ?? '')
  expect(forecast(running)).toBe(forecast(start))
  expect(forecast(playOut(start, () => ({ kind: 'passed' })).experiment)).toBe(0)
  expect(forecast(playOut(start, () => ({ kind: 'failed', failures: [] })).experiment)).toBe(0)
})
