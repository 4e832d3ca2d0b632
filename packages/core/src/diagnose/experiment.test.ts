import { expect, test } from 'vitest'
import { conclude } from './conclude.js'
import { begin, createExperiment, effects, nextArm, record } from './experiment.js'
import { groupsOf } from './groups.js'
import { type Circumstances, perturbationsFor } from './perturbations.js'
import { generator, simulate, type World } from './simulated.fixture.js'
import { trials } from './statistics.js'

const circumstances: Circumstances = {
  runner: 'vitest',
  env: { PATH: '/usr/bin', SERVICE: 'x' },
  source: '',
  seen: {
    ports: [4710],
    talks: false,
    services: [],
    leftovers: [{ path: '/tmp/x', mode: 0o644, content: '' }],
  },
  named: false,
}
const perturbations = perturbationsFor(circumstances)

function outcome(world: World) {
  const experiment = simulate(perturbations, world)
  return { experiment, conclusion: conclude(experiment, true, undefined) }
}

test('a file that never fails is stable after the first stage', () => {
  const { experiment, conclusion } = outcome(() => false)
  expect(conclusion.kind).toBe('stable')
  expect(experiment.stage).toBe(0)
})

test.each([
  'hostname=other',
  'tz=Pacific/Kiritimati',
  'date=month-end',
  'ports=taken',
  'cpus=0.1',
  'leftovers=own',
])('a file that fails under %s alone is said to depend on it', (cause) => {
  const { conclusion, experiment } = outcome((id) => id === cause)
  expect(conclusion).toMatchObject({ kind: 'depends', findings: [{ nature: 'breaks' }] })
  expect(conclusion.kind === 'depends' && conclusion.findings[0].arm.perturbation.id).toBe(cause)
  // Only what may matter goes on.
  const others = experiment.arms.filter(({ perturbation }) => perturbation.id === 'copies=2')
  expect(others.map(({ tally }) => trials(tally))).toEqual([2])
})

test('what a change makes fail now and then is flaky under it', () => {
  const random = generator(7)
  const { conclusion } = outcome((id) => id === 'cpus=0.1' && random() < 0.7)
  expect(conclusion).toMatchObject({
    kind: 'depends',
    findings: [{ dimension: 'cpu', nature: 'flaky-under' }],
  })
})

test('what fails always but with a network needs it', () => {
  const { conclusion } = outcome((id) => id !== 'network=host')
  expect(conclusion).toMatchObject({ kind: 'depends', findings: [{ dimension: 'network', nature: 'needs' }] })
})

test('when its dimension matters, weaker changes are tried as well', () => {
  const { experiment } = outcome((id) => /^cpus=0\.[12]$/.test(id))
  const rates = experiment.arms
    .filter(({ perturbation }) => perturbation.dimension === 'cpu')
    .map(({ perturbation, tally }) => [perturbation.id, tally.failed > 0])
  expect(rates).toEqual([
    ['cpus=0.1', true],
    ['cpus=0.2', true],
    ['cpus=0.5', false],
    ['cpu=contended', false],
  ])
})

test('a failure that a seed decides is told from one that it does not', () => {
  const random = generator(3)
  const { conclusion } = outcome((_, { inside }) =>
    inside?.seed === undefined ? random() < 0.4 : inside.seed % 3 === 0,
  )
  expect(conclusion).toMatchObject({ kind: 'depends', findings: [{ dimension: 'randomness' }] })
})

test('where a file fails now and then as it is, seeds are tried before all else', () => {
  const random = generator(3)
  const { experiment, conclusion } = outcome((_, { inside }) =>
    inside?.seed === undefined ? random() < 0.4 : inside.seed % 3 === 0,
  )
  expect(conclusion).toMatchObject({ kind: 'depends', findings: [{ difference: 1 }] })
  expect(experiment.arms.map(({ perturbation }) => perturbation.id)).not.toContain('hostname=other')
})

test('where a file fails now and then as it is, and always when it is slowed down, that is settled before all else', () => {
  const random = generator(3)
  const { experiment, conclusion } = outcome((id) => id === 'cpus=0.1' || random() < 0.4)
  expect(conclusion).toMatchObject({
    kind: 'depends',
    findings: [{ dimension: 'cpu', nature: 'worse', arm: { tally: { passed: 0 } } }],
  })
  expect(experiment.arms.map(({ perturbation }) => perturbation.id)).not.toContain('hostname=other')
})

test('of seeds more are tried until one fails and one passes, where the file fails now and then', () => {
  const random = generator(3)
  const { experiment, conclusion } = outcome((_, { inside }) =>
    inside?.seed === undefined ? random() < 0.3 : inside.seed === 9,
  )
  expect(conclusion).toMatchObject({ kind: 'depends', findings: [{ dimension: 'randomness' }] })
  expect(experiment.arms.map(({ perturbation }) => perturbation.id)).not.toContain('hostname=other')
})

test('a seed that decides is found, too, if no trial of the first stage failed', () => {
  const random = generator(3)
  const { conclusion } = outcome((_, { inside }, count) =>
    inside?.seed === undefined ? count > 20 && random() < 0.3 : inside.seed === 19,
  )
  expect(conclusion).toMatchObject({ kind: 'depends', findings: [{ dimension: 'randomness' }] })
})

test('an order that fails is tried again and again, and shown to decide', () => {
  const { conclusion } = outcome((_, { shuffle = 0 }) => shuffle % 2 === 1)
  expect(conclusion.kind === 'depends' && conclusion.findings[0]).toMatchObject({
    dimension: 'order',
    nature: 'breaks',
  })
})

test('a file that always fails is said to, and a change that cannot be tried is set aside', () => {
  const { conclusion, experiment } = outcome((id) => (id === 'cpus=0.1' ? 'unusable' : true))
  expect(conclusion.kind).toBe('always-fails')
  const cpu = experiment.arms.find(({ perturbation }) => perturbation.id === 'cpus=0.1')
  expect(cpu).toMatchObject({ unusable: 'not here', tally: { failed: 0, passed: 0 } })
})

test('two arms without a change that differ discredit the experiment', () => {
  expect(outcome((id) => id === 'null' || id === 'hostname=other').conclusion.kind).toBe('unreliable')
})

test('an arm is given up after its first mishap, one that had trials after three', () => {
  const [first] = perturbations
  let experiment = createExperiment(first ? [first] : [])
  const next = (kind: 'passed' | 'unusable') => {
    experiment = record(begin(experiment, 'null'), 'null', 0, { kind, reason: 'killed' })
    return experiment.arms[0]?.unusable
  }
  expect([next('passed'), next('unusable'), next('unusable'), next('unusable')]).toEqual([
    undefined,
    undefined,
    undefined,
    'killed',
  ])
})

test('trials go first to the arm that lags most, and what runs counts', () => {
  let experiment = createExperiment(perturbations)
  const begun: string[] = []
  for (let arm = nextArm(experiment); arm !== undefined; arm = nextArm(experiment)) {
    begun.push(arm.perturbation.id)
    experiment = begin(experiment, arm.perturbation.id)
  }
  // Six of the baseline, and two or more of each arm.
  expect(begun.length).toBeGreaterThan(2 * experiment.arms.length)
  expect(begun[0]).toBe('baseline')
  expect(new Set(begun.slice(0, experiment.arms.length + 1)).size).toBeGreaterThan(experiment.arms.length / 2)
  expect(effects(experiment)).toEqual([])
})

test('while a group of changes makes no difference, its members are not tried', () => {
  const idsOf = (world: World) => outcome(world).experiment.arms.map(({ perturbation }) => perturbation.id)
  expect(idsOf(() => false)).not.toContain('hostname=other')
  const tried = idsOf((id) => id === 'hostname=other')
  expect(tried).toContain('umask=077')
  expect(tried).not.toContain('locale=tr_TR')
  expect(idsOf(() => true)).toContain('locale=tr_TR')
})

test('of a group that always fails, each member is tried once, and only what fails goes on', () => {
  const { experiment } = outcome((id) => id === 'hostname=other')
  const counts = new Map(experiment.arms.map(({ perturbation: { id }, tally }) => [id, trials(tally)]))
  expect([counts.get('hostname=other'), counts.get('umask=077'), counts.get('group=1')]).toEqual([6, 1, 2])
})

test('what makes a group fail is looked for further if no member failed at first', () => {
  // The third of its trials is the first one alone.
  let trial = 0
  const { conclusion } = outcome((id) => id === 'umask=077' && ++trial !== 3)
  expect(conclusion).toMatchObject({ kind: 'depends', findings: [{ dimension: 'umask' }] })
})

test('what is special comes before what slows down everything', () => {
  const { conclusion } = outcome((id) => ['io=slow', 'event-loop=blocked', 'copies=2'].includes(id))
  expect(conclusion.kind === 'depends' && conclusion.findings.map(({ dimension }) => dimension)).toEqual([
    'io',
    'event-loop',
    'copies',
  ])
})

test('what is special does not come first if it explains much less', () => {
  const random = generator(5)
  const { conclusion } = outcome((id) => id === 'cpus=0.1' || (id === 'copies=2' && random() < 0.4))
  expect(conclusion).toMatchObject({ kind: 'depends', findings: [{ dimension: 'cpu' }] })
})

test('seeds are tried only where trials without a change disagree, and the control only where its arm fails', () => {
  const withCompany = perturbationsFor({ ...circumstances, predecessors: ['/p/a.test.ts'] })
  const tried = (world: World) => simulate(withCompany, world).arms.map(({ perturbation: { id } }) => id)
  expect(tried(() => false)).not.toContain('random=seeded')
  expect(tried(() => false)).not.toContain('worker=own')
  expect(tried((id, _, count) => id === 'baseline' && count % 2 === 0)).toContain('random=seeded')
  expect(tried((id) => id === 'worker=shared')).toContain('worker=own')
})

test('a failure that nothing explains makes more trials without a change', () => {
  let trial = 0
  const { experiment, conclusion } = outcome((id) => id === 'cpus=0.1' && ++trial === 1)
  expect(conclusion.kind).not.toBe('depends')
  expect(trials(experiment.baseline.tally)).toBe(20)
})

test('a group changes what its members change, and holds one of a kind', () => {
  for (const { members = [], change } of groupsOf(perturbations)) {
    const dimensions = members.map((id) => perturbations.find((each) => each.id === id)?.dimension)
    expect(new Set(dimensions).size).toBe(dimensions.length)
    expect(change.inside?.date).toBeDefined()
  }
})
