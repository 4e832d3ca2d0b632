// @ts-check
/**
 * `npm test`: set-up, checks, then Vitest with the arguments given (`npm test -- --project unit`). The last line is always
 * `N passed, N failed, N skipped`, tests and checks together, also when a test hung and the run had to be ended.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installDebianPackages } from './setup/apt.mjs'
import { installLayouts } from './setup/layouts.mjs'
import { installMatrix, repository } from './setup/matrix.mjs'

const minute = 60_000
/** The whole run, not a test: on two cores it takes less than half of this. */
const limit = Number(process.env.GLOVEBOX_TEST_MINUTES ?? 50) * minute

/** Things that are true of the whole tree. Each counts as one test. */
const checks = /** @type {const} */ ([
  ['native build', 'node', ['native/build.mjs']],
  ['types of the packages', 'npx', ['tsc', '-b']],
  ['bundles', 'node', ['packages/bundle.mjs']],
  ['types of the tests', 'npx', ['tsc', '-p', 'test']],
  ['generated pages', 'node', ['docs/generate.mjs', '--check']],
  ['format and lint', 'npx', ['biome', 'check', '--diagnostic-level=warn', '.']],
])

const scratch = mkdtempSync(join(tmpdir(), 'gbtest-run-'))
const tallyFile = join(scratch, 'tally.ndjson')
const deadline = Date.now() + limit

const totals = { passed: 0, failed: 0, skipped: 0 }
try {
  await setUp()
  for (const [name, command, args] of checks) await check(name, command, args)
  await vitest(process.argv.slice(2))
} catch (error) {
  totals.failed += 1
  console.error(error)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)

async function setUp() {
  const log = (/** @type {string} */ line) => console.log(`set-up: ${line}`)
  for (const install of [installDebianPackages, installMatrix, installLayouts])
    for (const missing of await install(log)) log(`not available: ${missing}`)
}

/**
 * @param {string} name
 * @param {string} command
 * @param {readonly string[]} args
 */
async function check(name, command, args) {
  const { code, timedOut } = await run(command, args)
  const passed = code === 0 && !timedOut
  totals[passed ? 'passed' : 'failed'] += 1
  console.log(`check ${passed ? 'passed' : 'FAILED'}: ${name}`)
}

/** @param {string[]} args */
async function vitest(args) {
  const command = ['node_modules/vitest/vitest.mjs', 'run', ...args]
  let { code, timedOut } = await run(process.execPath, command)
  const suspects = timedOut ? [] : worthAnotherRun(readTally().finished)
  if (suspects.length > 0) {
    console.log(`\nRun again, alone: ${suspects.join(', ')}`)
    ;({ code, timedOut } = await run(process.execPath, [...command, ...suspects]))
  }
  const { finished, running } = readTally()
  for (const { passed, failed, skipped } of finished) {
    totals.passed += passed
    totals.failed += failed
    totals.skipped += skipped
  }
  report(finished)
  const unsteady = suspects.filter(
    (name) => !finished.some(({ file, failed }) => file === name && failed > 0),
  )
  if (unsteady.length > 0)
    console.log(`FLAKY, failed above and passed when run again; look into these: ${unsteady.join(', ')}\n`)
  if (timedOut) {
    totals.failed += 1
    console.log(
      `ENDED after ${limit / minute} minutes; still running: ${running.join(', ') || 'no test file'}`,
    )
  } else if (code !== 0 && !finished.some(({ failed }) => failed > 0)) {
    totals.failed += 1 // Vitest itself failed: a bad argument, no test files, a config error
    console.log(`Vitest exited with ${code} though no test failed`)
  }
}

/**
 * In CI a few end-to-end files that fail get a second run, since they share a machine and its clock with others. It is said loudly, and
 * what fails twice has failed. Where developers test, nothing is ever run again.
 * @param {import('./harness/tally-reporter.js').Tally[]} finished
 */
function worthAnotherRun(finished) {
  const failed = finished.filter(({ failed }) => failed > 0)
  const endToEnd = failed.every(({ file }) => file.startsWith('test/'))
  return process.env.CI && endToEnd && failed.length <= 6 ? failed.map(({ file }) => file) : []
}

/** @param {import('./harness/tally-reporter.js').Tally[]} finished */
function report(finished) {
  const slowest = [...finished].sort((a, b) => b.duration - a.duration).slice(0, 10)
  console.log('\nSlowest files')
  for (const { duration, file } of slowest)
    console.log(`${(duration / 1000).toFixed(1).padStart(8)} s  ${file}`)
  const seconds = new Map()
  for (const { project, duration } of finished)
    seconds.set(project, (seconds.get(project) ?? 0) + duration / 1000)
  console.log('\nSeconds a project')
  for (const [project, sum] of seconds) console.log(`${sum.toFixed(1).padStart(8)} s  ${project}`)
  const reasons = new Map()
  for (const { file, reasons: each } of finished) {
    for (const reason of each) reasons.set(reason, [...(reasons.get(reason) ?? []), file])
  }
  if (reasons.size > 0) console.log('\nSkipped')
  for (const [reason, files] of reasons) console.log(`  ${reason}: ${files.join(', ')}`)
  console.log('')
}

function readTally() {
  const lines = existsSync(tallyFile) ? readFileSync(tallyFile, 'utf8').split('\n').filter(Boolean) : []
  const records = lines.map((line) => JSON.parse(line))
  const ends = records.filter((record) => record.event === 'end')
  // Of a file that was run again, what came of it last.
  const finished = [...new Map(ends.map((record) => [`${record.project} ${record.file}`, record])).values()]
  const ended = new Set(finished.map(({ file, project }) => `${project} ${file}`))
  const running = records
    .filter(({ event, file, project }) => event === 'start' && !ended.has(`${project} ${file}`))
    .map(({ file }) => file)
  return { finished, running }
}

/**
 * Runs a command in a process group of its own, which is ended as a whole at the deadline.
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<{ code: number | null, timedOut: boolean }>}
 */
function run(command, args) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, GLOVEBOX_TALLY: tallyFile }
    const child = spawn(command, args, {
      cwd: repository,
      env,
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const end = (/** @type {NodeJS.Signals} */ signal) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal)
      } catch {
        // already gone
      }
    }
    let timedOut = false
    const clock = setTimeout(
      () => {
        timedOut = true
        end('SIGKILL')
      },
      Math.max(1, deadline - Date.now()),
    )
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, end)
    child.once('error', reject)
    child.once('exit', (code) => {
      clearTimeout(clock)
      for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.off(signal, end)
      resolve({ code, timedOut })
    })
  })
}
