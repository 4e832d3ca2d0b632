/** The page of a diagnosis, made by the command and opened in Chromium: it is whole, readable in either theme, and harmless. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { requires } from '../harness/requires.js'
import { openChromium, type Page } from './chromium.js'
import { createProject, diagnosisOf, vitestFile } from './support.js'

requires('root', 'vitest4.1', 'apt:chromium-headless-shell')

/** In a page that does not escape it, any of these runs. */
const hostile = `</script><script>window.harmed = 1</script><img src=x onerror="window.harmed = 2">&amp;\u2028'`

test('the page has charts, evidence and command, needs nothing else, and runs nothing that a test’s name says', async () => {
  const named = vitestFile(
    `import os from 'node:os'`,
    `expect(os.hostname(), ${JSON.stringify(hostile)}).not.toMatch(/^ci-/)`,
  ).replace(`'first'`, JSON.stringify(hostile))
  await using project = await createProject({ vitest: '4.1', files: { 'a.test.js': named } })
  const args = ['a.test.js', '--only', 'hostname,umask', '--html', 'page.html']
  const { repro, findings, arms, verdict } = await diagnosisOf(project, args)
  expect(findings).toMatchObject([{ arm: 'hostname=other' }])

  await using page = await openChromium()
  // Without a policy and escapes it would do harm: what the rest looks for can be found.
  writeFileSync(join(project.dir, 'control.html'), `<!doctype html><title>control</title><p>${hostile}</p>`)
  await page.open(pathToFileURL(join(project.dir, 'control.html')).href)
  expect(await page.evaluate('window.harmed')).toBe(1)
  page.requests.length = 0
  page.complaints.length = 0

  await page.show({ width: 1280 })
  const address = pathToFileURL(join(project.dir, 'page.html')).href
  await page.open(address)
  expect(page.requests).toEqual([address])
  expect(page.complaints).toEqual([])
  expect(await page.evaluate('window.harmed')).toBeUndefined()
  expect(await page.evaluate('document.querySelectorAll("img").length')).toBe(0)

  const text = await page.evaluate<string>('document.body.innerText')
  expect(text).toContain(verdict.slice('a.test.js '.length))
  expect(text).toContain(`${hostile}: `.replace('\u2028', '').slice(0, 20))
  expect(text).toMatch(/SHA-256 [0-9a-f]{64}/)
  expect(await page.evaluate('document.querySelector("#repro").textContent')).toBe(repro)
  const rows = await page.evaluate<string[]>(
    '[...document.querySelectorAll("tbody tr")].map((row) => row.querySelector("code").textContent)',
  )
  expect(rows.sort()).toEqual(['baseline', ...arms.map(({ id }) => id)].sort())
  expect(await headings(page)).toEqual(['hostname', 'umask', 'null arm'])
  expect(await marks(page)).toEqual([true, true, true])

  await page.evaluate('document.querySelector("#copy").click()')
  expect(
    await page.evaluate(`new Promise((resolve) => {
      const look = () => {
        const { textContent } = document.querySelector("#copy")
        textContent === "Copy" ? requestAnimationFrame(look) : resolve(textContent)
      }
      look()
    })`),
  ).toMatch(/^(Copied|Selected)$/)
})

test('in both themes and on a narrow screen the charts are drawn, in colours of their own, and nothing sticks out', async () => {
  await using project = await createProject({ vitest: '4.1', files: { 'a.test.js': vitestFile('', '') } })
  await diagnosisOf(project, ['a.test.js', '--only', 'hostname,umask', '--html', 'page.html'])
  await using page = await openChromium()
  const colours: unknown[] = []
  for (const look of [
    { width: 1280, theme: 'light' },
    { width: 1280, theme: 'dark' },
    { width: 360, theme: 'dark' },
  ] as const) {
    await page.show(look)
    if (page.requests.length === 0) await page.open(pathToFileURL(join(project.dir, 'page.html')).href)
    await page.show(look)
    expect(await marks(page)).toEqual([true])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(look.width)
    colours.push(await page.evaluate('Chart.getChart("chart-0").options.scales.y.ticks.color'))
  }
  expect(colours[0]).not.toBe(colours[1])
  expect(colours[1]).toBe(colours[2])
  expect(page.complaints).toEqual([])
})

function headings(page: Page): Promise<string[]> {
  return page.evaluate('[...document.querySelectorAll("figure h3")].map((each) => each.textContent)')
}

/** Of each canvas, whether it has ink. */
function marks(page: Page): Promise<boolean[]> {
  return page.evaluate(`[...document.querySelectorAll("canvas")].map((canvas) =>
    canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0))`)
}
