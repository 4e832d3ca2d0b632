/** The page of a diagnosis, made by the command and opened in Chromium: it is whole, readable in either theme, and harmless. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Fixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import { openChromium, type Page } from './chromium.js'
import { createProject, type Diagnosis, diagnosisOf, vitestFile } from './support.js'

const ready = requires('root', 'vitest4.1', 'apt:chromium-headless-shell')

/** In a page that does not escape it, either of these runs. */
const hostile = `</script><script>window.harmed = 1</script><img src=x onerror="window.harmed = 2">&amp;'`

let project: Fixture
let page: Page
let answer: Diagnosis

beforeAll(async () => {
  if (!ready) return
  const failing = vitestFile(`import os from 'node:os'`, 'expect(os.hostname()).not.toMatch(/^ci-/)')
  const named = failing.replace(`'first'`, JSON.stringify(hostile))
  project = await createProject({ vitest: '4.1', files: { 'a.test.js': named } })
  answer = await diagnosisOf(project, ['a.test.js', '--only', 'hostname', '--html', 'page.html'])
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
  expect(await texts('figure h3')).toEqual(['hostname', 'null arm'])
  expect(await inked()).toEqual([true, true])
  expect(await texts('#repro')).toEqual([answer.repro])
  expect((await texts('tbody th code')).sort()).toEqual(
    ['baseline', ...answer.arms.map(({ id }) => id)].sort(),
  )
  const [text = ''] = await texts('main')
  expect(text).toContain(answer.verdict.slice('a.test.js '.length))
  expect(text).toMatch(/SHA-256 [0-9a-f]{64}/)
})

test('a test whose name is a script runs nothing there; without the escapes it would', async () => {
  writeFileSync(join(project.dir, 'control.html'), `<!doctype html><title>control</title><p>${hostile}</p>`)
  await opened('control.html')
  expect(await page.evaluate('window.harmed')).toBeGreaterThan(0)

  await opened('page.html')
  expect((await texts('main'))[0]).toContain(hostile)
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
    expect(await inked()).toEqual([true, true])
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
