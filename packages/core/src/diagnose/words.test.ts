import { expect, test } from 'vitest'
import { answerJson } from './answer-json.js'
import { conclude, hints } from './conclude.js'
import { suspects } from './patterns.js'
import { perturbationsFor } from './perturbations.js'
import { settingFixture } from './setting.fixture.js'
import { generator, simulate, type World } from './simulated.fixture.js'
import { type Answer, answerText } from './words.js'

const perturbations = perturbationsFor({
  runner: 'vitest',
  env: {},
  source: '',
  seen: { ports: [], talks: false, services: [], leftovers: [] },
  named: true,
})

function answer(world: World, more: Partial<Answer> = {}): Answer {
  const experiment = simulate(perturbations, world)
  return {
    file: 'test/cart.test.ts',
    testName: 'applies coupon',
    runner: 'vitest',
    experiment,
    conclusion: conclude(experiment, true, undefined),
    suspects: [],
    hints: hints(experiment),
    stopped: undefined,
    took: 12_345,
    setting: settingFixture,
    ...more,
  }
}

test('a cause is told with its evidence, what it fails with, and a command', () => {
  const found = suspects('import x\nawait sleep(100)\nconst port = 3000', 'cpu')
  expect(answerText(answer((id) => id === 'cpus=0.1', { suspects: found }))).toMatchInlineSnapshot(`
    "test/cart.test.ts › applies coupon always fails with 0.1 CPUs (6/6) and never without a change (0/12) (p = 0.00048): it depends on timing: how much CPU it gets.
      effect: +100 % in failure rate (95 %: +54 % to +100 %)
      adds: broken by cpus=0.1
      line 2 looks like it (waiting for a fixed time): await sleep(100)
    Repro: npx glovebox run --under cpus=0.1 --times 20 --runner vitest test/cart.test.ts -t 'applies coupon'
    46 trials of 14 kinds in 12 s"
  `)
})

test('what a file needs is repeated without it', () => {
  const text = answerText(answer((id) => id !== 'network=host'))
  expect(text).toContain(
    'passes only on the host’s network (fails 0/6) and always fails without a change (12/12)',
  )
  expect(text).toContain(
    `npx glovebox run --under baseline --times 20 --runner vitest test/cart.test.ts -t 'applies coupon'`,
  )
})

test('no cause, no time and a name with quotes are told', () => {
  expect(answerText(answer(() => false))).toContain('is stable: 0/6 trials failed')
  expect(answerText(answer(() => true))).toContain('fails every time (12/12)')
  const random = generator(5)
  expect(answerText(answer(() => random() < 0.5))).toContain('is flaky: it fails')
  const stopped = answer(() => false, { stopped: 'budget', conclusion: { kind: 'undecided' } })
  expect(answerText(stopped)).toContain('no answer yet.\nThe time was up')
  const quoted = answer((id) => id === 'umask=077', { testName: `it's` })
  expect(answerText(quoted)).toContain(`-t 'it'\\''s'`)
})

test('the JSON has the cause, every arm and the command', () => {
  const json = JSON.parse(answerJson(answer((id) => id === 'hostname=other'))) as Record<string, unknown>
  expect(json).toMatchObject({
    version: 1,
    conclusion: 'depends',
    cause: 'hostname',
    findings: [{ arm: 'hostname=other', against: 'baseline', nature: 'breaks', difference: 1 }],
    repro: expect.stringContaining('--under hostname=other'),
    baseline: { id: 'baseline', failed: 0, passed: 12 },
  })
  expect(json.arms).toContainEqual(expect.objectContaining({ id: 'umask=077', failed: 0, passed: 1 }))
  const members = expect.arrayContaining(['hostname=other', 'umask=077'])
  expect(json.arms).toContainEqual(expect.objectContaining({ id: 'group=1', failed: 2, members }))
})

test('lines that look like a cause are those of its kind, comments and imports left out', () => {
  const source = `import os from 'node:os'\n// os.hostname()\nexpect(os.hostname()).toBe('x')\nserver.listen(3000)`
  expect(suspects(source, 'hostname')).toEqual([
    { line: 3, text: `expect(os.hostname()).toBe('x')`, what: 'the host name' },
  ])
  expect(suspects(source, 'ports').map(({ line }) => line)).toEqual([4])
  expect(suspects(source, 'null')).toEqual([])
})
