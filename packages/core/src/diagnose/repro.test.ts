import { expect, test } from 'vitest'
import { conclude } from './conclude.js'
import { type Arm, createExperiment, newArm } from './experiment.js'
import type { Perturbation } from './perturbation.js'
import { baseline, perturbationCalled } from './perturbations.js'
import { repro } from './repro.js'

const nothingSeen = { ports: [], talks: false, services: [], leftovers: [] }

function armOf(id: string, failed: number, passed: number): Arm {
  const perturbation = perturbationCalled(id, {
    runner: 'vitest',
    env: {},
    source: '',
    seen: nothingSeen,
    named: false,
  })
  return { ...newArm(perturbation as Perturbation), tally: { failed, passed } }
}

function lineOf(
  without: [failed: number, passed: number],
  arms: Arm[],
  testName?: string,
): string | undefined {
  const [failed, passed] = without
  const experiment = {
    ...createExperiment([]),
    baseline: { ...newArm(baseline), tally: { failed, passed } },
    arms,
  }
  const conclusion = conclude(experiment, true, undefined)
  return repro({ file: 'a b.test.ts', testName, runner: 'jest', conclusion, experiment })
}

test('what makes it fail is the command, with quotes where a shell needs them', () => {
  expect(lineOf([0, 16], [armOf('umask=077', 8, 0)], `it's`)).toBe(
    `npx glovebox run --under umask=077 --times 20 --runner jest 'a b.test.ts' -t 'it'\\''s'`,
  )
})

test('of a file that fails sometimes whatever is changed, it is the change under which it failed most surely', () => {
  expect(lineOf([4, 8], [armOf('umask=077', 4, 4), armOf('cpus=0.1', 1, 0)])).toContain('--under umask=077 ')
  expect(lineOf([4, 8], [armOf('umask=077', 1, 5)])).toContain('--under baseline ')
})

test('the rarer it fails, the more runs it is given', () => {
  expect(lineOf([1, 23], [])).toContain('--times 87 ')
  expect(lineOf([12, 0], [])).toContain('--under baseline --times 20 ')
})

test('a file that never failed has none', () => {
  expect(lineOf([0, 12], [armOf('umask=077', 0, 2)])).toBeUndefined()
})
