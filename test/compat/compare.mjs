// node test/compat/compare.mjs CHECKOUT [-- arguments of the runner]
// Runs a checkout's own suite of Vitest or Jest under its own pool and under Glovebox, and compares the outcome test by test. What differs is
// run once more under its own pool, to tell a test that varies by itself. Fetches and installs nothing.
// Ends with 0 when no test differs but those that vary by themselves.
import { realpathSync } from 'node:fs'
import { program } from 'commander'
import { counts, differences, outcomes } from './outcomes.js'
import { openSuite, runSuite } from './suite.js'

/** A suite that fails to load differs in every test. */
const shown = 40

const { args, processedArgs } = program
  .name('compare')
  .argument('<checkout>', 'a folder with a suite of Vitest or Jest, its packages installed')
  .argument('[runner arguments...]', 'after --: handed to both runs')
  .option('--glovebox <json>', "Glovebox's options", JSON.parse, {})
  .option('--output', "print the runner's own output of the run under Glovebox", false)
  .parse()

const checkout = realpathSync(args[0])
const suite = openSuite(checkout, program.opts().glovebox)
try {
  process.exitCode = (await compare()) ? 0 : 1
} finally {
  suite.dispose()
}

async function compare() {
  const run = { args: processedArgs[1] }
  const own = await runSuite(suite, run)
  const glovebox = await runSuite(suite, { ...run, glovebox: true })
  const [ownTests, gloveboxTests] = [own, glovebox].map(({ report }) => outcomes(report, checkout))
  const found = differences(ownTests, gloveboxTests)

  console.log(`${checkout}: ${suite.runner}, Node.js ${process.version}`)
  printRun('own pool', own, ownTests)
  printRun('Glovebox', glovebox, gloveboxTests)
  if (program.opts().output) console.log(glovebox.output)
  if (found.length === 0) {
    console.log('No test differs.')
    return true
  }
  const again = outcomes((await runSuite(suite, run)).report, checkout)
  const varying = new Set(differences(ownTests, again).map(({ test }) => test))
  for (const { test, own, glovebox } of found.slice(0, shown)) {
    console.log(
      `${test}\n  own pool: ${own}${varying.has(test) ? ' (varies by itself)' : ''}\n  Glovebox: ${glovebox}`,
    )
  }
  if (found.length > shown) console.log(`… and ${found.length - shown} more`)
  const real = found.filter(({ test }) => !varying.has(test))
  console.log(`${found.length} differ, ${found.length - real.length} of them by themselves.`)
  return real.length === 0
}

function printRun(name, { report, cpu, wall }, tests) {
  const tally = Object.entries(counts(tests)).map(([outcome, count]) => `${count} ${outcome}`)
  const seconds = (milliseconds) =>
    milliseconds === undefined ? 'not measured' : `${(milliseconds / 1000).toFixed(1)} s`
  console.log(
    `${name}: ${report.testResults.length} files, ${tests.size} tests (${tally.join(', ')}); wall ${seconds(wall)}, CPU ${seconds(cpu)}`,
  )
}
