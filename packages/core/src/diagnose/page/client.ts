/**
 * Runs in the browser: draws the charts with Chart.js, which the page holds, in the colours of the page's theme, and copies the command.
 * It imports nothing but types, since the page is one file.
 */
import type { ChartConfiguration, Chart as ChartJs } from 'chart.js'
import type { ChartData, ChartRow } from './charts.js'

/** As much of the browser as is used; the compiler knows Node.js only. */
interface Element {
  textContent: string | null
  style: { height: string }
  readonly clientWidth: number
  parentElement: Element
  addEventListener(type: string, listener: () => void): void
}
declare const document: {
  body: Element
  fonts: { ready: Promise<unknown> }
  querySelector(selector: string): Element | null
}
declare const window: {
  addEventListener(type: string, listener: () => void): void
  matchMedia(query: string): { addEventListener(type: string, listener: () => void): void }
  getSelection(): { selectAllChildren(node: Element): void } | null
}
declare function getComputedStyle(element: Element): { color: string }
declare const navigator: { clipboard?: { writeText(text: string): Promise<void> } }
declare const Chart: typeof ChartJs

const data = JSON.parse(document.querySelector('#charts')?.textContent ?? '[]') as ChartData[]
let drawn: ChartJs[] = []

/** What a variable of the style sheet is in the present theme. */
function colour(name: string): string {
  const probe = document.querySelector('#probe') as unknown as { style: { color: string } } & Element
  probe.style.color = `var(--${name})`
  return getComputedStyle(probe).color
}

function draw(): void {
  for (const chart of drawn) chart.destroy()
  const { ink, quiet, line, fails, holds } = {
    ink: colour('ink'),
    quiet: colour('quiet'),
    line: colour('line'),
    fails: colour('fails'),
    holds: colour('holds'),
  }
  const shade: Record<ChartRow['kind'], string> = { baseline: quiet, matters: fails, other: holds }
  drawn = data.flatMap(({ rows }, index) => {
    const canvas = document.querySelector(`#chart-${index}`)
    if (canvas === null) return []
    canvas.parentElement.style.height = `${rows.length * 52 + 34}px`
    const room = labelWidth(canvas.parentElement.clientWidth)
    const colours = rows.map(({ kind }) => shade[kind])
    const configuration: ChartConfiguration<'bar' | 'line', unknown[], string[]> = {
      type: 'bar',
      data: {
        labels: rows.map(({ label, failed, total }) => [
          ...wrap(label, room / letter),
          `${failed} of ${total}`,
        ]),
        datasets: [
          {
            type: 'line',
            data: rows.map(({ rate }, y) => ({ x: rate * 100, y })),
            showLine: false,
            clip: false,
            pointRadius: 5,
            pointHoverRadius: 6,
            pointBackgroundColor: colours,
            pointBorderColor: colours,
          },
          {
            type: 'bar',
            data: rows.map(({ low, high }) => [low * 100, high * 100]),
            backgroundColor: colours.map((each) => each.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.28)')),
            borderRadius: 4,
            borderSkipped: false,
            barThickness: 10,
          },
        ],
      },
      options: {
        indexAxis: 'y',
        animation: false,
        maintainAspectRatio: false,
        layout: { padding: { right: 8 } },
        interaction: { mode: 'y', intersect: false },
        scales: {
          x: {
            min: 0,
            max: 100,
            grid: { color: line, drawTicks: false },
            border: { display: false },
            ticks: {
              color: quiet,
              stepSize: 25,
              maxRotation: 0,
              padding: 6,
              callback: (value) => `${value} %`,
            },
          },
          y: {
            grid: { display: false },
            border: { display: false },
            afterFit: (axis) => {
              axis.width = room
            },
            ticks: { color: ink, crossAlign: 'far', autoSkip: false, font: { size: 12 } },
          },
        },
        plugins: {
          legend: { display: false },
          tooltip: {
            displayColors: false,
            filter: ({ datasetIndex }) => datasetIndex === 0,
            callbacks: {
              title: ([item]) => rows[item?.dataIndex ?? 0]?.label ?? '',
              label: ({ dataIndex }) => (rows[dataIndex] ? describe(rows[dataIndex]) : ''),
            },
          },
        },
      },
    }
    return [new Chart(canvas as never, configuration as never)]
  })
}

function describe({ failed, total, low, high, p }: ChartRow): string[] {
  const percent = (rate: number) => `${Math.round(rate * 100)} %`
  return [
    `failed ${failed} of ${total}`,
    `95 %: ${percent(low)} to ${percent(high)}`,
    ...(p === undefined ? [] : [`p = ${p.toPrecision(2)}`]),
  ]
}

/** Pixels, of a chart of this width. */
function labelWidth(chart: number): number {
  return Math.min(215, chart * 0.45)
}

/** Pixels of a letter, about. */
const letter = 7

/** Lines of a label, at most two. */
function wrap(label: string, most: number): string[] {
  const lines: string[] = []
  for (const word of label.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < most) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.length <= 2 ? lines : [lines[0] ?? '', `${lines[1]} …`]
}

const button = document.querySelector('#copy')
const command = document.querySelector('#repro')
if (button !== null && command !== null) {
  button.addEventListener('click', () => {
    const done = (): void => {
      button.textContent = 'Copied'
    }
    // A page that was opened from a disk may have no clipboard: then the command is selected.
    const select = (): void => {
      window.getSelection()?.selectAllChildren(command)
      button.textContent = 'Selected'
    }
    if (navigator.clipboard === undefined) select()
    else navigator.clipboard.writeText(command.textContent ?? '').then(done, select)
  })
}

window.addEventListener('resize', draw)
window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw)
draw()
