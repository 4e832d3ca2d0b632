import { relative, resolve } from 'node:path'
import { describeQuarantined } from '../flaky/quarantine.js'
import { describeFlakiness } from '../verdict/flakiness.js'
import { describeStress } from '../verdict/stress.js'
import { fileName, type TestedFile } from './file-report.js'

/** One line of an annotation or of the summary. */
interface Matter {
  level: 'error' | 'warning'
  title: string
  /** Relative to the root. */
  file: string
  /** As a reader should see it, project included. */
  name: string
  message: string
}

/** What is said of a run where GitHub Actions runs it. */
export interface GithubReport {
  /** Commands for the log, one a line; '' if there is nothing to say. */
  annotations: string
  /** Markdown for the summary of the job; '' likewise. */
  summary: string
}

export interface GithubInput {
  files: readonly TestedFile[]
  /** About the list of what is in quarantine: it lies at `quarantineFile`. */
  notices: readonly string[]
  root: string
  /** GITHUB_WORKSPACE: annotations name files relative to it. */
  workspace: string | undefined
}

/** Rows of the summary: GitHub takes 1 MiB a step. */
const most = 200

/** Flaky files, failures in quarantine, limits and other ends that are no failure of a test. Pure. */
export function githubReport({ files, notices, root, workspace = root }: GithubInput): GithubReport {
  const matters = [
    ...files.flatMap(mattersOf),
    ...notices.map((message): Matter => {
      const file = 'glovebox.quarantine.json'
      return {
        level: 'warning',
        title: 'Quarantine',
        file,
        name: file,
        message: message.replace(`${file}: `, ''),
      }
    }),
  ]
  return {
    annotations: matters.map((matter) => `${annotation(matter, root, workspace)}\n`).join(''),
    summary: matters.length === 0 ? '' : summaryOf(matters, files),
  }
}

function mattersOf(report: TestedFile): Matter[] {
  const { file, state, flaky, quarantined, stress, verdict, error } = report
  const matter = (level: Matter['level'], title: string, message: string): Matter[] => [
    { level, title, file, name: fileName(report), message },
  ]
  const level = state === 'failed' ? 'error' : 'warning'
  if (stress)
    return stress.failed === 0
      ? []
      : matter(level, 'Stress', withFailures(describeStress(stress), stress.failures))
  if (quarantined) return matter('warning', 'In quarantine', describeQuarantined(quarantined))
  if (flaky) return matter(level, 'Flaky', withFailures(describeFlakiness(flaky), flaky.failures))
  if (verdict.kind !== 'passed-through') return matter(level, title(verdict.kind), error ?? verdict.kind)
  return []
}

/** A line for each failure that the description does not have already. */
function withFailures(description: string, failures: readonly { test: string; message: string }[]): string {
  const lines = failures.map(({ test, message }) => `${test}: ${message}`)
  return [description, ...new Set(lines)]
    .filter((line, at) => at === 0 || !description.includes(line))
    .join('\n')
}

function title(kind: string): string {
  return `${kind.charAt(0).toUpperCase()}${kind.slice(1).replaceAll('-', ' ')}`
}

function annotation(
  { level, title: heading, file, message }: Matter,
  root: string,
  workspace: string,
): string {
  const path = relative(workspace, resolve(root, file))
  return `::${level} file=${property(path)},title=${property(`Glovebox: ${heading}`)}::${data(message)}`
}

/** What a workflow command says: a line, whatever is in it. */
function data(text: string): string {
  return plain(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

function summaryOf(matters: readonly Matter[], files: readonly TestedFile[]): string {
  const count = (test: (file: TestedFile) => boolean) => files.filter(test).length
  const numbers = [
    `${count(({ state, flaky, quarantined }) => state === 'passed' && !flaky && !quarantined)} passed`,
    `${count(({ flaky }) => flaky !== undefined)} flaky`,
    `${count(({ quarantined }) => quarantined !== undefined)} in quarantine`,
    `${count(({ state, flaky }) => state === 'failed' && !flaky)} failed`,
  ]
  const rows = matters.slice(0, most).map(({ level, title: heading, name, message }) => {
    const sign = level === 'error' ? '❌' : '⚠️'
    return `| ${sign} ${cell(heading)} | ${cell(name)} | ${cell(message)} |`
  })
  const more = matters.length > most ? [`\n… and ${matters.length - most} more.`] : []
  return [
    '### Glovebox',
    '',
    `Test files: ${numbers.join(', ')}.`,
    '',
    '| | file | |',
    '|---|---|---|',
    ...rows,
    ...more,
    '',
    '',
  ].join('\n')
}

/** Neither Markdown nor HTML, whatever a test says. */
function cell(text: string): string {
  return plain(text)
    .slice(0, 2000)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_[\]|~@#!]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replaceAll(/\r?\n/g, '<br>')
}

function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is looked for.
  return text.replace(/\u001b\[[\d;]*m/g, '')
}
