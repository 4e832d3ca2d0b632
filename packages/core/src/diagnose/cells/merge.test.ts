import { expect, test } from 'vitest'
import { answerDocument } from '../answer-json.js'
import { conclude } from '../conclude.js'
import { begin, type Experiment, newArm, record } from '../experiment.js'
import type { Perturbation } from '../perturbation.js'
import { baseline, perturbationsFor } from '../perturbations.js'
import { settingFixture } from '../setting.fixture.js'
import { type Attempt, generator, simulate, type World } from '../simulated.fixture.js'
import { parseCell, shareOf } from './cell.js'
import type { NamedPart } from './check-parts.js'
import { mergeParts, poolExperiments } from './merge.js'
import type { Part } from './part.js'

const all = perturbationsFor({
  runner: 'vitest',
  env: { DATABASE: 'x' },
  source: 'process.env.DATABASE',
  seen: { ports: [3000], talks: true, services: [5432], leftovers: [] },
  named: true,
})

interface Cells {
  parts: [NamedPart, ...NamedPart[]]
  /** Every trial of every cell, in order. */
  attempts: Attempt[]
}

function inCells(of: number, world: World, only?: string[]): Cells {
  const attempts: Attempt[] = []
  const parts = Array.from({ length: of }, (_, at): NamedPart => {
    const cell = { index: at + 1, of }
    const experiment = simulate(shareOf(all, cell, only), world, (attempt) => attempts.push(attempt))
    return named(part({ cell, experiment }))
  })
  return { parts: parts as Cells['parts'], attempts }
}

function part(more: Partial<Part> & Pick<Part, 'cell' | 'experiment'>): Part {
  return {
    gloveboxPart: 1,
    file: 'a.test.js',
    runner: 'vitest',
    source: '',
    setting: settingFixture,
    took: 1000,
    ...more,
  }
}

function named(of: Part): NamedPart {
  return { path: `part-${of.cell.index}.json`, part: JSON.parse(JSON.stringify(of)) as Part }
}

/** What a single machine knows after the same trials. */
function onOneMachine(attempts: readonly Attempt[]): Experiment {
  const tried = new Map<string, Perturbation>(
    attempts.map(({ perturbation }) => [perturbation.id, perturbation]),
  )
  const arms = [...tried.values()].filter(({ id }) => id !== baseline.id).map(newArm)
  const empty: Experiment = { stage: 3, baseline: newArm(baseline), arms, reserve: [] }
  return attempts.reduce(
    (experiment, { perturbation: { id }, index, outcome }) =>
      record(begin(experiment, id), id, index, outcome),
    empty,
  )
}

const worlds: [name: string, make: () => World][] = [
  ['a machine where it always passes', () => () => false],
  ['a machine where it always fails', () => () => true],
  ['a dependence on the host name', () => (id) => id === 'hostname=other'],
  ['a dependence on the umask and on the order', () => (id) => id === 'umask=077' || id === 'order=seed:2'],
  ['a need of the host’s network', () => (id) => id !== 'network=host'],
  [
    'flakiness by chance',
    () => {
      const random = generator(7)
      return () => random() < 0.4
    },
  ],
  [
    'flakiness with little CPU',
    () => {
      const random = generator(3)
      return (id) => id.startsWith('cpus=') && random() < 0.8
    },
  ],
]

test.each(worlds)(
  '%s: parts of 1 to 5 cells join to what one machine says after the same trials',
  (_, make) => {
    for (const of of [1, 2, 3, 5]) {
      const { parts, attempts } = inCells(of, make())
      // Groups are no evidence, and cells number their own.
      const counted = attempts.filter(({ perturbation }) => perturbation.members === undefined)
      const single = onOneMachine(counted)
      const merged = mergeParts(parts)
      const expected = answerDocument({
        ...merged,
        experiment: single,
        conclusion: conclude(single, true, undefined),
      })
      const { arms, ...rest } = answerDocument(merged)
      const byId = (one: { id: string }, other: { id: string }) => one.id.localeCompare(other.id)
      expect(arms.filter(({ id }) => !id.startsWith('group=')).sort(byId)).toEqual(expected.arms.sort(byId))
      expect({ ...rest, verdict: '' }).toEqual({ ...expected, verdict: '', arms: undefined })
    }
  },
)

test('what is joined does not depend on the order of the parts', () => {
  const { parts } = inCells(3, (id) => id === 'hostname=other')
  const [first, second, third] = parts as unknown as [NamedPart, NamedPart, NamedPart]
  expect(mergeParts([third, first, second])).toEqual(mergeParts([first, second, third]))
})

test('every change is in exactly one cell, whatever the others see; the null arm is in all', () => {
  for (const of of [1, 2, 4, 7]) {
    const shares = Array.from({ length: of }, (_, at) => shareOf(all, { index: at + 1, of }, undefined))
    const ids = shares.flatMap((share) => share.map(({ id }) => id))
    expect(ids.filter((id) => id !== 'null').sort()).toEqual(
      all.flatMap(({ id }) => (id === 'null' ? [] : [id])).sort(),
    )
    expect(ids.filter((id) => id === 'null')).toHaveLength(of)
  }
  // A machine on which the file does less deals out the rest just so.
  const fewer = all.filter(({ dimension }) => dimension !== 'cpu')
  const cell = { index: 2, of: 3 }
  expect(shareOf(fewer, cell, undefined)).toEqual(
    shareOf(all, cell, undefined).filter(({ dimension }) => dimension !== 'cpu'),
  )
  // Of two dimensions that were asked for, each cell has one.
  const asked = [1, 2].map((index) => shareOf(all, { index, of: 2 }, ['hostname', 'locale']).length)
  expect(Math.min(...asked)).toBeGreaterThan(1)
})

test('machines on which the same settings differ give no answer', () => {
  const { parts } = inCells(2, () => false)
  const [first, second] = parts
  const failing = inCells(2, () => true).parts[1] ?? first
  expect(mergeParts([first, second ?? first]).conclusion.kind).toBe('stable')
  expect(mergeParts([first, failing]).conclusion).toMatchObject({
    kind: 'unreliable',
    null: { arm: { tally: { failed: 0 } }, reference: { tally: { passed: 0 } } },
  })
})

test('a cell that was stopped makes the answer a partial one', () => {
  const { parts } = inCells(2, () => false)
  const [first, second = first] = parts
  const stopped = { ...second, part: { ...second.part, stopped: 'budget' as const } }
  expect(mergeParts([first, stopped])).toMatchObject({ conclusion: { kind: 'undecided' }, stopped: 'budget' })
})

test('an arm that one cell could not try counts where another could', () => {
  const { parts } = inCells(2, () => false)
  const [first, second = first] = parts
  const { experiment } = first.part
  const arms = experiment.arms.map((arm) =>
    arm.perturbation.id === 'null' ? { ...arm, unusable: 'killed', tally: { failed: 0, passed: 0 } } : arm,
  )
  const pooled = poolExperiments([{ ...first.part, experiment: { ...experiment, arms } }, second.part])
  const arm = pooled.arms.find(({ perturbation: { id } }) => id === 'null')
  expect(arm).toMatchObject({ tally: { failed: 0, passed: 2 } })
  expect(arm?.unusable).toBeUndefined()
})

const { setting } = part({ cell: { index: 1, of: 1 }, experiment: simulate(all, () => false) })
const other: [key: string, change: Partial<Part>, message: string][] = [
  ['file', { file: 'b.test.js' }, 'the test file is b.test.js, not a.test.js'],
  ['test', { testName: 'adds' }, 'the test (-t) is adds, not none'],
  ['runner', { runner: 'jest' }, 'the runner is jest 5.1.1, not vitest 5.1.1'],
  [
    'content',
    { setting: { ...setting, sha256: 'f' } },
    'the content of the test file (SHA-256) is f, not 000',
  ],
  ['commit', { setting: { ...setting, commit: 'abc' } }, 'the commit is abc, not c0ffee'],
  [
    'dimensions',
    { setting: { ...setting, only: 'cpu' } },
    'the choice of dimensions (--only) is cpu, not none',
  ],
  [
    'neighbours',
    { setting: { ...setting, with: ['b.test.js'] } },
    'the choice of neighbours (--with) is b.test.js, not none',
  ],
  ['Node.js', withVersion('node', 'v26.0.0'), 'the version of Node.js is v26.0.0, not v24.1.0'],
  ['Glovebox', withVersion('glovebox', '9.9.9'), 'the version of Glovebox is 9.9.9, not 0.1.0'],
  ['number of cells', { cell: { index: 2, of: 3 } }, 'the number of cells is 3, not 2'],
]

function withVersion(key: 'node' | 'glovebox', version: string): Partial<Part> {
  return { setting: { ...setting, versions: { ...setting.versions, [key]: version } } }
}

test.each(other)('a part with another %s is refused', (_, change, message) => {
  const { parts } = inCells(2, () => false)
  const [first, second = first] = parts
  const join = () => mergeParts([first, { ...second, part: { ...second.part, ...change } }])
  expect(join).toThrow(`part-2.json is no part of the experiment that part-1.json is of: ${message}`)
})

test('a part that is missing or there twice is refused', () => {
  const [first, second = first, third = first] = inCells(3, () => false).parts
  expect(() => mergeParts([first, third])).toThrow('the part of cell 2/3 is missing')
  expect(() => mergeParts([first, second, third, second])).toThrow(
    'cell 2/3 is there 2 times: part-2.json, part-2.json',
  )
})

test('a cell is i/n with i from 1 to n', () => {
  expect(parseCell('2/4')).toEqual({ index: 2, of: 4 })
  for (const text of ['0/4', '5/4', '1', '1/0', '1/65', 'a/b', '1/2/3', '-1/2'])
    expect(() => parseCell(text)).toThrow(`--cell ${text}: i/n is needed`)
})
