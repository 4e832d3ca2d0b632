// @ts-check
/**
 * Diagnoses the files of the corpus and says how many causes are named rightly:
 *
 *   node test/flaky-corpus/measure.mjs                       all
 *   node test/flaky-corpus/measure.mjs hostname stable/http  these
 *
 * CORPUS_BUDGET=30m gives each more time than users do, as a busy machine needs. CORPUS_RESULTS=FILE appends every answer to a file as a line
 * of JSON, whole. Exit status 1 if a cause is not named, or a stable file is blamed.
 */
import { execFile } from 'node:child_process'
import { appendFileSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { loadavg } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { environment, planted, servicePort } from './corpus.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, 'vitest')
const command = join(here, '../../packages/core/dist/cli/main.js')

/** @param {string} name */
const pathOf = (name) => (name.includes('/') ? name : `planted/${name}`)
const stableNames = readdirSync(join(root, 'stable')).map((name) => `stable/${name.replace('.test.js', '')}`)
const chosen = process.argv.slice(2)
const names = (chosen.length > 0 ? chosen : [...Object.keys(planted), ...stableNames]).map(pathOf)

const service = createServer((socket) => socket.end('hello'))
  // One more measurement beside this one has it already.
  .on('error', () => {})
  .listen(servicePort, '127.0.0.1')
const results = []
for (const name of names) {
  const expected = planted[name.replace('planted/', '')]?.causes ?? []
  const before = cpuOfChildren()
  const answer = await diagnose(name)
  const { conclusion, cause, took } = answer
  const cpu = cpuOfChildren() - before
  const right = expected.length === 0 ? conclusion === 'stable' : expected.includes(cause ?? '')
  const verdict = { right, blamed: cause !== undefined, stable: expected.length === 0, took, cpu }
  results.push(verdict)
  const said = cause ?? conclusion
  if (process.env.CORPUS_RESULTS) {
    const entry = { name, said, right, took, cpu, load: loadavg()[0], answer }
    appendFileSync(process.env.CORPUS_RESULTS, `${JSON.stringify(entry)}\n`)
  }
  console.log(
    `${right ? '✓' : '✗'} ${name.padEnd(30)} ${said.padEnd(14)} ${seconds(took)} s, CPU ${seconds(cpu)} s`,
  )
}
service.close()

const causes = results.filter(({ stable }) => !stable)
const stable = results.filter((result) => result.stable)
console.log(`causes named rightly: ${causes.filter(({ right }) => right).length} of ${causes.length}`)
console.log(`stable files blamed: ${stable.filter(({ blamed }) => blamed).length} of ${stable.length}`)
const medians = [median(results.map(({ took }) => took)), median(results.map(({ cpu }) => cpu))]
console.log(`median experiment: ${seconds(medians[0])} s, CPU ${seconds(medians[1])} s`)
process.exitCode = results.every(({ right }) => right) ? 0 : 1

/** @param {number[]} values */
function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

/** @param {number} [milliseconds] */
function seconds(milliseconds = 0) {
  return (milliseconds / 1000).toFixed(0)
}

/** CPU of all processes that were started and have ended, milliseconds. */
function cpuOfChildren() {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? []
  // cutime and cstime, in hundredths of a second.
  return (Number(fields[13]) + Number(fields[14])) * 10
}

/**
 * @param {string} name
 * @returns {Promise<{ conclusion: string, cause?: string, took: number }>}
 */
function diagnose(name) {
  const args = [
    command,
    'diagnose',
    `${name}.test.js`,
    '--runner',
    'vitest',
    '--json',
    '--budget',
    process.env.CORPUS_BUDGET ?? '5m',
  ]
  const env = { ...process.env, ...environment, CI: undefined }
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root, env, maxBuffer: 64 << 20 }, (_, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout))
      } catch {
        resolve({ conclusion: `no answer: ${stderr.trim().slice(0, 200)}`, took: 0 })
      }
    })
  })
}
