import { stripVTControlCharacters, styleText } from 'node:util'
import { Table } from 'console-table-printer'
import { collisions, verdicts } from './judge.js'

const plainOutput = !process.stdout.isTTY || Boolean(process.env.NO_COLOR)
const paint = (style, text) => (plainOutput ? text : styleText(style, text))

export function printTitle(text) {
  console.log(`\n${paint('bold', text)}`)
}

export function printProblems(problems) {
  for (const problem of problems) console.log(paint('red', `✗ ${problem}`))
  if (problems.length === 0) console.log(paint('green', '✓ All came out as described.'))
}

export function printSuite(plain, sandboxed, runner = 'Vitest') {
  const rows = plain.files.map(({ file, state, error }) => ({
    file,
    [`plain ${runner}`]: mark(state),
    Glovebox: mark(sandboxed.files.find((other) => other.file === file)?.state ?? 'not run'),
    'fights over': collisions.find(({ files }) => files.includes(file))?.over ?? '',
    [`what plain ${runner} says`]: firstLine(error, 60),
  }))
  printTable(rows)
  const failed = plain.files.filter(({ state }) => state === 'failed').length
  const passed = sandboxed.files.filter(({ state }) => state === 'passed').length
  console.log(
    `plain ${runner}: ${failed} of ${plain.files.length} files fail; Glovebox: ${passed} of ${sandboxed.files.length} pass`,
  )
}

export function printLimits({ files }) {
  printTable(
    files.map(({ file, passed, tests, verdict, error }) => ({
      file,
      'its docblock': verdicts.find((entry) => entry.file === file)?.asks ?? '',
      verdict: verdict ?? 'none',
      'tests kept': `${passed} of ${tests} passed`,
      'what the reporters show': firstLine(error, 90),
    })),
  )
}

function printTable(rows) {
  const table = new Table({ defaultColumnOptions: { alignment: 'left' }, shouldDisableColors: plainOutput })
  table.addRows(rows.toSorted((a, b) => a.file.localeCompare(b.file)))
  table.printTable()
}

function mark(state) {
  if (state === 'passed') return '✓ passed'
  return state === 'failed' ? '✗ failed' : state
}

function firstLine(error, width) {
  const [line = ''] = stripVTControlCharacters(error ?? '').split('\n')
  return line.length > width ? `${line.slice(0, width - 1)}…` : line
}
