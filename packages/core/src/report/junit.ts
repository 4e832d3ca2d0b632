import { type Case, casesOf } from './cases.js'
import { fileName, type TestedFile } from './file-report.js'

export interface RunReportInput {
  /** Name and version: `vitest 5.1.1`. */
  runner: string
  /** Milliseconds since the epoch. */
  started: number
  ended: number
  files: readonly TestedFile[]
}

/**
 * A JUnit report, one `testsuite` for each file. Flaky tests have `flakyFailure`, as Maven Surefire writes it; what is in quarantine is
 * skipped, with the reason; a file that failed as a whole is a case of its own, with an `error` whose type is the verdict. Pure.
 */
export function junitReport({ runner, started, files }: RunReportInput): string {
  const suites = files.map((file) => suiteOf(file, started))
  const cases = files.flatMap(casesOf)
  const time = seconds(files.reduce((sum, { usage }) => sum + (usage.wall ?? 0), 0))
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    element('testsuites', { name: runner, ...counts(cases), time }, suites),
    '',
  ].join('\n')
}

function suiteOf(file: TestedFile, started: number): string {
  const cases = casesOf(file)
  const attributes = {
    name: fileName(file),
    timestamp: new Date(started).toISOString().slice(0, 19),
    ...counts(cases),
    time: seconds(file.usage.wall),
  }
  const verdict = element('property', { name: 'glovebox.verdict', value: file.verdict.kind })
  return element('testsuite', attributes, [
    element('properties', {}, [verdict]),
    ...cases.map((each) => caseOf(each, file)),
  ])
}

function caseOf(one: Case, file: TestedFile): string {
  const { name, duration, earlier } = one
  const attributes = {
    classname: fileName(file),
    name: name.join(' > '),
    time: seconds(duration),
    file: file.file,
  }
  const flaky = one.state === 'flaky' ? earlier : []
  return element('testcase', attributes, [
    ...ending(one),
    ...flaky.map(({ message }) => element('flakyFailure', { message, type: 'flaky' }, [], message)),
  ])
}

function ending({ state, message = '', cause }: Case): string[] {
  const [first = ''] = message.split('\n')
  if (state === 'skipped') return [element('skipped', {})]
  if (state === 'quarantined') return [element('skipped', { message: first })]
  if (state !== 'failed') return []
  const tag = cause === undefined || cause === 'flaky' || cause === 'stress' ? 'failure' : 'error'
  return [element(tag, { message: first, type: cause ?? 'AssertionError' }, [], message)]
}

function counts(cases: readonly Case[]): Record<string, string> {
  const number = (test: (one: Case) => boolean) => String(cases.filter(test).length)
  return {
    tests: String(cases.length),
    failures: number((one) => ending(one)[0]?.startsWith('<failure') ?? false),
    errors: number((one) => ending(one)[0]?.startsWith('<error') ?? false),
    skipped: number(({ state }) => state === 'skipped' || state === 'quarantined'),
  }
}

function element(
  tag: string,
  attributes: Record<string, string>,
  children: readonly string[] = [],
  text = '',
): string {
  const start = [
    tag,
    ...Object.entries(attributes).map(([name, value]) => `${name}="${escapeXml(value)}"`),
  ].join(' ')
  if (text !== '') return `<${start}>${escapeXml(text)}</${tag}>`
  if (children.length === 0) return `<${start}/>`
  // Line breaks of texts are escaped, so that every line is an element's.
  const inner = children.map((child) => child.replace(/^/gm, '  '))
  return `<${start}>\n${inner.join('\n')}\n</${tag}>`
}

/** Colours and what XML 1.0 has no place for, even escaped, are left out. Lines of an attribute stay lines. */
export function escapeXml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
      .replace(/\u001b\[[\d;]*m/g, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
      .replace(/[&<>"\n\r\t]/g, (character) => entities[character] ?? `&#${character.charCodeAt(0)};`)
  )
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function seconds(milliseconds = 0): string {
  return (milliseconds / 1000).toFixed(3)
}
