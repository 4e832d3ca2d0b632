// npm run bench: what a sandbox costs, and what a suite costs in sandboxes, each against what there was before.
import { mkdirSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InvalidArgumentError, Option, program } from 'commander'
import { Interrupted } from './lib/interruption.js'
import { machine, printResult, toResult } from './lib/report.js'
import { runRounds } from './lib/rounds.js'
import { cpuSuite } from './suites/cpu.js'
import { happyDomSuite, jsdomSuite } from './suites/dom.js'
import { filesSuite } from './suites/files.js'
import { forkSuite } from './suites/fork.js'
import { jestCpuSuite, jestFilesSuite, jestJsdomSuite } from './suites/jest.js'
import { manyBesideSuite, manySuite } from './suites/many.js'
import { memorySuite } from './suites/memory.js'
import { policySuite } from './suites/policy.js'
import { sandboxSuite } from './suites/sandbox.js'
import { startUpSuite } from './suites/start-up.js'
import { treeSuite } from './suites/tree.js'

const suites = {
  sandbox: sandboxSuite,
  policy: policySuite,
  files: filesSuite,
  jsdom: jsdomSuite,
  'happy-dom': happyDomSuite,
  cpu: cpuSuite,
  many: manySuite,
  'many-beside': manyBesideSuite,
  'start-up': startUpSuite,
  memory: memorySuite,
  tree: treeSuite,
  fork: forkSuite,
  jest: jestFilesSuite,
  'jest-jsdom': jestJsdomSuite,
  'jest-cpu': jestCpuSuite,
}

const options = program
  .name('bench')
  .description(
    'Measures CPU (whole process tree), wall clock and peak memory of Glovebox and of its alternatives.',
  )
  .addOption(
    new Option('--suite <name>', 'what to measure').choices([...Object.keys(suites), 'all']).default('all'),
  )
  .option('--variants <names...>', 'only those whose name contains one of these')
  .option('--rounds <n>', 'how often each variant runs, interleaved', count, 5)
  .option('--files <n>', 'test files of a generated suite (default: its own)', count)
  .option('--workers <n>', 'maxWorkers of Vitest (default: its own)', count)
  .option('--sandboxes <n>', 'sandboxes made in a row for one figure', count, 200)
  .option('--json <path>', 'where the figures go (default: bench/results/DATE.json)')
  .parse()
  .opts()

const chosen = options.suite === 'all' ? Object.keys(suites) : [options.suite]
const before = loadavg()[0]
if (before > 0.5)
  console.error(`The machine is busy (load ${before.toFixed(2)}): take the figures with care.`)

try {
  const results = []
  for (const name of chosen) results.push(await runSuite(suites[name](options)))
  console.log(`\nJSON: ${writeJson(results)}`)
} catch (error) {
  if (!(error instanceof Interrupted)) throw error
  progress('')
  console.error(error.message)
  process.exitCode = error.exitCode
}

async function runSuite(suite) {
  const discard = suite.prepare?.()
  const variants = suite.variants.filter(({ name }) => isChosen(name))
  try {
    const result = toResult(suite, await runRounds(variants, options.rounds, progress))
    progress('')
    printResult(result)
    return result
  } finally {
    discard?.()
  }
}

function isChosen(name) {
  return options.variants?.some((part) => name.includes(part)) ?? true
}

function progress(line) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`)
}

function writeJson(results) {
  const date = new Date().toISOString()
  const bench = dirname(fileURLToPath(import.meta.url))
  const file = resolve(options.json ?? join(bench, 'results', `${date.replaceAll(':', '-')}.json`))
  mkdirSync(dirname(file), { recursive: true })
  const content = { date, machine: machine(), loadBefore: before, rounds: options.rounds, suites: results }
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`)
  return file
}

function count(value) {
  const parsed = Number(value)
  if (!Number.isInteger(parsed) || parsed < 1)
    throw new InvalidArgumentError('It must be a whole number from 1 up.')
  return parsed
}
