/** The page of a diagnosis, made by the command and opened in Chromium: it is whole, readable in either theme, and harmless. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Fixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import { openChromium, type Page } from './chromium.js'
import { createProject, type Diagnosis, diagnosisOf } from './support.js'

const ready = requires('root', 'vitest4.1', 'apt:chromium-headless-shell')

/** In a page that does not escape it, either of these runs. */
const hostile = `</script><script>window.harmed = 1</script><img src=x onerror="window.harmed = 2">&amp;'`

/** What one machine found of a file that depends on the host name, whose every text is hostile. */
const part = {
  gloveboxPart: 1,
  cell: { index: 1, of: 1 },
  file: 'a.test.js',
  testName: hostile,
  runner: 'vitest',
  source: `os.hostname() // ${hostile}`,
  setting: {
    date: '2026-11-28T09:30:00.000Z',
    budget: 60_000,
    jobs: 2,
    sha256: 'f'.repeat(64),
    commit: hostile,
    versions: { glovebox: '0.1.0', node: process.version, runner: hostile },
    machine: { cpus: 2, model: hostile, memory: 2 ** 32, system: hostile },
  },
  experiment: {
    stage: 1,
    baseline: arm('baseline', 'null', 0, 12),
    arms: [
      arm('null', 'null', 0, 2),
      arm('hostname=other', 'hostname', 6, 0),
      arm(`env-unset=${hostile}`, 'environment', 0, 2),
    ],
    reserve: [],
  },
  took: 12_000,
}

function arm(id: string, dimension: string, failed: number, passed: number): object {
  return {
    perturbation: { id, dimension, label: `with ${hostile}`, wave: 0, first: 2, change: {} },
    tally: { failed, passed },
    failures: failed === 0 ? [] : [{ test: hostile, message: hostile, line: 1, text: hostile }],
    seeds: { failed: [], passed: [] },
    running: 0,
    begun: failed + passed,
    active: true,
    age: 1,
    mishaps: 0,
  }
}

let project: Fixture
let page: Page
let answer: Diagnosis

beforeAll(async () => {
  if (!ready) return
  project = await createProject({ vitest: '4.1', files: { 'part.json': JSON.stringify(part) } })
  answer = await diagnosisOf(project, ['merge', 'part.json', '--html', 'page.html'])
  page = await openChromium()
})

afterAll(async () => {
  await page?.[Symbol.asyncDispose]()
  await project?.[Symbol.asyncDispose]()
})

test('the page has a chart for each dimension, the evidence and the command, and asks for nothing else', async () => {
  const address = await opened('page.html')
  expect(page.requests).toEqual([address])
  expect(page.complaints).toEqual([])
  expect(await texts('figure h3')).toEqual(['hostname', 'environment', 'null arm'])
  expect(await inked()).toEqual([true, true, true])
  expect(await texts('#repro')).toEqual([answer.repro])
  expect((await texts('tbody th code')).sort()).toEqual(
    ['baseline', ...answer.arms.map(({ id }) => id)].sort(),
  )
  const [text = ''] = await texts('main')
  expect(answer).toMatchObject({ conclusion: 'depends', cause: 'hostname' })
  expect(text).toContain(answer.verdict.slice(`a.test.js › ${hostile} `.length))
  expect(text).toMatch(/SHA-256 [0-9a-f]{64}/)
})

test('a test of which every text is a script runs nothing there; without the escapes it would', async () => {
  writeFileSync(join(project.dir, 'control.html'), `<!doctype html><title>control</title><p>${hostile}</p>`)
  await opened('control.html')
  expect(await page.evaluate('window.harmed')).toBeGreaterThan(0)

  await opened('page.html')
  expect((await texts('main'))[0]?.split(hostile).length).toBeGreaterThan(10)
  expect(await page.evaluate('window.harmed')).toBeUndefined()
  expect(await texts('img')).toEqual([])
  expect(page.complaints).toEqual([])
})

test('the button copies the command, or marks it where a page may not write to the clipboard', async () => {
  await opened('page.html')
  await page.evaluate('document.querySelector("#copy").click()')
  const said = await page.evaluate(`new Promise((resolve) => {
    const look = () => {
      const { textContent } = document.querySelector("#copy")
      textContent === "Copy" ? requestAnimationFrame(look) : resolve(textContent)
    }
    look()
  })`)
  expect(said).toMatch(/^(Copied|Selected)$/)
})

test('in both themes and on a narrow screen the charts are drawn, in colours of their own, and nothing sticks out', async () => {
  await opened('page.html')
  const colours: unknown[] = []
  for (const look of [
    { width: 1280, theme: 'light' },
    { width: 1280, theme: 'dark' },
    { width: 360, theme: 'dark' },
  ] as const) {
    await page.show(look)
    expect(await inked()).toEqual([true, true, true])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(look.width)
    colours.push(await page.evaluate('Chart.getChart("chart-0").options.scales.y.ticks.color'))
  }
  expect(colours[0]).not.toBe(colours[1])
  expect(colours[1]).toBe(colours[2])
  expect(page.complaints).toEqual([])
})

/** Opens a file of the project, with what was seen before forgotten. Resolves with its address. */
async function opened(name: string): Promise<string> {
  const address = pathToFileURL(join(project.dir, name)).href
  await page.show({ width: 1280 })
  page.requests.length = 0
  page.complaints.length = 0
  await page.open(address)
  return address
}

function texts(selector: string): Promise<string[]> {
  const all = `document.querySelectorAll(${JSON.stringify(selector)})`
  return page.evaluate(`[...${all}].map(({ textContent }) => textContent)`)
}

/** Of each canvas, whether something is drawn on it. */
function inked(): Promise<boolean[]> {
  return page.evaluate(`[...document.querySelectorAll("canvas")].map((canvas) => {
    const blank = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height })
    return canvas.width > 0 && canvas.toDataURL() !== blank.toDataURL()
  })`)
}
