import { createHash } from 'node:crypto'
import type { AnswerDocument } from '../answer-json.js'
import type { Suspect } from '../patterns.js'
import { causeOf } from '../words.js'
import { type ChartData, chartsOf, matters } from './charts.js'
import { evidenceTable, percent, ratio } from './evidence.js'
import { embedJson, escapeHtml } from './markup.js'
import { settingList } from './setting-list.js'
import { style } from './style.js'

/** The two scripts of a page: Chart.js, and what draws with it. */
export interface Scripts {
  library: string
  client: string
}

/**
 * The answer as one HTML page that needs nothing else: no network, no other file. Its policy admits the scripts that it was made with by their
 * hashes, and nothing that a test's name or message could smuggle in. Pure.
 */
export function answerPage(answer: AnswerDocument, { library, client }: Scripts): string {
  const charts = chartsOf(answer)
  const policy = [
    `default-src 'none'`,
    `script-src ${hash(library)} ${hash(client)}`,
    `style-src ${hash(style)}`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(answer.file)}: diagnosis</title>
<style>${style}</style>
</head>
<body>
<main>
${header(answer)}
${details(answer)}
<h2>How often it fails, dimension by dimension</h2>
<p class="quiet">A dot is the share of trials that failed, the bar its 95 % interval. Grey is the baseline, without a change; red makes a difference beyond doubt. What hardly hides one another is changed together first, and one by one only if that makes a difference.</p>
<div class="charts">
${charts.map(figure).join('\n')}
</div>
<h2>Evidence</h2>
${evidenceTable(answer)}
<p class="quiet">Fisher’s exact test against the baseline, two-sided, corrected by Holm for the number of changes. Intervals: Wilson for rates, Newcombe for differences, 95 %.</p>
<h2>How it was measured</h2>
${settingList(answer)}
</main>
<span id="probe" hidden></span>
<script type="application/json" id="charts">${embedJson(charts)}</script>
<script>${library}</script>
<script type="module">${client}</script>
</body>
</html>
`
}

function header({ file, test, verdict, conclusion, repro, stopped, findings }: AnswerDocument): string {
  const [first] = findings
  const tone =
    conclusion === 'stable' ? 'good' : conclusion === 'unreliable' || conclusion === 'undecided' ? '' : 'bad'
  const subject = test === undefined ? file : `${file} › ${test}`
  // The subject is the heading.
  const said = verdict.startsWith(subject) ? verdict.slice(subject.length) : ` ${verdict}`
  const sentence = said.startsWith(': ') ? `${said.charAt(2).toUpperCase()}${said.slice(3)}` : `It${said}`
  const effect =
    first === undefined
      ? ''
      : `<p>Effect: ${signed(first.difference)} in failure rate (95 %: ${signed(first.interval.low)} to ${signed(first.interval.high)}).</p>`
  const early =
    stopped === undefined
      ? ''
      : `<p>${stopped === 'budget' ? 'The time was up before everything was settled.' : 'Interrupted: this is what was known by then.'}</p>`
  return `<p class="eyebrow">Glovebox diagnosis</p>
<h1>${escapeHtml(file)}${test === undefined ? '' : ` <small>›</small> ${escapeHtml(test)}`}</h1>
<div class="verdict ${tone}"><p>${escapeHtml(sentence)}</p>${effect}${early}</div>
${
  repro === undefined
    ? ''
    : `<div class="repro"><code id="repro">${escapeHtml(repro)}</code><button id="copy" type="button">Copy</button></div>`
}`
}

function details({ failure, suspects }: AnswerDocument): string {
  const cards = [
    failure === undefined
      ? ''
      : `<div class="card"><h3>It fails with</h3><pre>${escapeHtml(`${failure.test}\n${failure.message}`)}</pre>${failure.line === undefined ? '' : sourceLines([{ line: failure.line, text: failure.text ?? '', what: 'where it fails' }])}</div>`,
    suspects.length === 0
      ? ''
      : `<div class="card"><h3>Lines that look like it</h3>${sourceLines(suspects)}</div>`,
  ].filter((card) => card !== '')
  return cards.length === 0 ? '' : `<div class="pair">${cards.join('\n')}</div>`
}

function sourceLines(lines: readonly Suspect[]): string {
  const rows = lines.map(
    ({ line, text, what }) => `<dt>${line}</dt><dd>${escapeHtml(text)}<span>${escapeHtml(what)}</span></dd>`,
  )
  return `<dl class="source">${rows.join('')}</dl>`
}

function figure(chart: ChartData, index: number): string {
  const { rows } = chart
  const [name, cause] = caption(chart)
  const spoken = rows.map(
    (row) =>
      `${row.label}: ${ratio(row.failed, row.total)} failed, 95 %: ${percent(row.low)} to ${percent(row.high)}`,
  )
  return `<figure class="card${matters(chart) ? ' matters' : ''}"><figcaption><h3>${escapeHtml(name)}</h3><span>${escapeHtml(cause)}</span></figcaption><div class="canvas"><canvas id="chart-${index}" role="img" aria-label="${escapeHtml(spoken.join('; '))}"></canvas></div></figure>`
}

/** Heading of a chart, and what stands beside it. */
function caption({ dimensions: [first, ...others] }: ChartData): [heading: string, words: string] {
  if (others.length > 0) return [[first, ...others].join(', '), 'changed together']
  if (first === 'null') return ['null arm', 'the same settings, once more']
  const words = causeOf(first)
  // "network: the network" says nothing.
  return [first, words.replace('the ', '') === first.replace('-', ' ') ? '' : words]
}

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

function signed(rate: number): string {
  return `${rate < 0 ? '−' : '+'}${percent(Math.abs(rate))}`
}
