import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { createExperiment, type Experiment, newArm } from '../diagnose/experiment.js'
import { baseline } from '../diagnose/perturbations.js'
import { progressLine, showProgress } from './diagnose-progress.js'

function experimentOf(failed: number, passed: number): Experiment {
  return { ...createExperiment([]), baseline: { ...newArm(baseline), tally: { failed, passed } } }
}

test('the line has how far it is, how long the rest takes, and what was found', () => {
  // Ten trials, the first look included, took 30 seconds.
  expect(progressLine(experimentOf(0, 9), 9, 30_000, 300_000)).toBe(
    '██████░░░░░░ 9 of about 18 trials, about 27 s left; no failure yet',
  )
  expect(progressLine(experimentOf(2, 7), 60, 30_000, 600_000)).toBe(
    '██░░░░░░░░░░ 9 of about 69 trials, about 3 min left; failures under 1 of 1, flaky as it is',
  )
})

test('what the budget leaves is told where that is less', () => {
  expect(progressLine(experimentOf(0, 9), 90, 30_000, 60_000)).toContain('trials, 30 s left (--budget);')
  expect(progressLine(experimentOf(0, 9), 90, 61_000, 60_000)).toContain('trials, 0 s left (--budget);')
})

test('a terminal has one line that is written anew and then cleared; anything else has nothing', () => {
  const said = (isTTY: boolean) => {
    const stream = Object.assign(new PassThrough(), { isTTY, columns: 30 })
    const progress = showProgress(stream as never)
    progress.say('a first look at what the file does')
    progress.update(experimentOf(0, 1))
    progress.end()
    return String(stream.read() ?? '').split('\r')
  }
  const [, first = '', second = '', last] = said(true)
  expect(first).toBe('\u001b[Kglovebox: a first look at wha')
  expect(second).toMatch(/^\S+█░+ 1 of about \d+ tr/)
  expect(last).toBe('\u001b[K')
  expect(said(false)).toEqual([''])
})
