import { expect, test } from 'vitest'
import { answerDocument } from '../answer-json.js'
import { type Conclusion, conclude, hints } from '../conclude.js'
import { perturbationsFor } from '../perturbations.js'
import { settingFixture } from '../setting.fixture.js'
import { simulate, type World } from '../simulated.fixture.js'
import { chartsOf, matters } from './charts.js'
import { embedJson, escapeHtml } from './markup.js'
import { answerPage } from './page.js'

const perturbations = perturbationsFor({
  runner: 'vitest',
  env: {},
  source: '',
  seen: { ports: [], talks: false, services: [], leftovers: [] },
  named: false,
})

function documentOf(world: World, conclusion?: Conclusion) {
  const experiment = simulate(perturbations, world)
  return answerDocument({
    file: 'a.test.js',
    testName: undefined,
    runner: 'vitest',
    experiment,
    conclusion: conclusion ?? conclude(experiment, true, undefined),
    suspects: [],
    hints: hints(experiment),
    stopped: undefined,
    took: 1000,
    setting: settingFixture,
  })
}

const page = (document: ReturnType<typeof documentOf>) => answerPage(document, { library: '1', client: '2' })

test('each dimension that had trials has a chart with the baseline, what matters first and the null arm last', () => {
  const document = documentOf((id) => id === 'umask=077')
  const charts = chartsOf(document)
  expect(charts[0]?.dimensions).toEqual(['umask'])
  expect(charts.at(-1)?.dimensions).toEqual(['null'])
  expect(charts.map(matters)).toEqual(charts.map(({ dimensions }) => dimensions[0] === 'umask'))
  for (const { rows } of charts) expect(rows[0]).toMatchObject({ kind: 'baseline', failed: 0, low: 0 })
  const tried = document.arms.filter((arm) => arm.failed + arm.passed > 0 && arm.members === undefined)
  const rows = charts.flatMap((chart) => chart.rows.slice(1))
  expect(rows.filter(({ label }) => label !== 'with many changes at once')).toHaveLength(tried.length)
})

test('every dimension has a chart, of its own or together with others', () => {
  for (const world of [() => false, () => true, (id: string) => id === 'umask=077']) {
    const document = documentOf(world)
    const all = document.arms.flatMap(({ dimension, dimensions }) => dimensions ?? dimension)
    const charted = chartsOf(document).flatMap(({ dimensions }) => dimensions)
    expect(new Set(charted)).toEqual(new Set(all))
  }
})

test('the sentence does not repeat the heading', () => {
  expect(page(documentOf((id) => id === 'umask=077'))).toContain('<p>It always fails with umask 077 ')
  expect(page(documentOf(() => false))).toContain('<p>It is stable: ')
  expect(page(documentOf(() => false, { kind: 'undecided' }))).toContain('<p>No answer yet.</p>')
})

test('its policy admits its own scripts by their hashes, and nothing else', () => {
  const [, policy = ''] =
    /Content-Security-Policy" content="([^"]*)"/.exec(page(documentOf(() => false))) ?? []
  expect(policy).toMatch(
    /^default-src 'none'; script-src 'sha256-\S+' 'sha256-\S+'; style-src 'sha256-\S+'; base-uri 'none'; form-action 'none'$/,
  )
})

test('text of others ends neither an element nor an attribute nor a script', () => {
  expect(escapeHtml(`<b title="a">'&`)).toBe('&#60;b title=&#34;a&#34;&#62;&#39;&#38;')
  const text = '</script><!--\u2028&'
  expect(embedJson({ text })).not.toMatch(/[<>&\u2028]/)
  expect(JSON.parse(embedJson({ text }))).toEqual({ text })
})
