// @ts-check
/**
 * Diagnoses the files of the corpus and says how many causes are named rightly:
 *
 *   node test/flaky-corpus/measure.mjs                       all
 *   node test/flaky-corpus/measure.mjs hostname stable/http  these
 *
 * Exit status 1 if a cause is not named, or a stable file is blamed.
 */
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { environment, planted } from './corpus.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, 'vitest')
const command = join(here, '../../packages/core/dist/cli/main.js')

/** @param {string} folder */
const namesIn = (folder) =>
  readdirSync(join(root, folder)).map((name) => `${folder}/${name.replace('.test.js', '')}`)

const chosen = process.argv.slice(2).map((name) => (name.includes('/') ? name : `planted/${name}`))
const names = chosen.length > 0 ? chosen : [...namesIn('planted'), ...namesIn('stable')]

const results = []
for (const name of names) {
  const expected = planted[name.replace('planted/', '')]?.causes ?? []
  const { conclusion, cause, took } = await diagnose(name)
  const right = expected.length === 0 ? conclusion === 'stable' : expected.includes(cause ?? '')
  results.push({ right, stable: expected.length === 0, took })
  const said = cause ?? conclusion
  console.log(`${right ? '✓' : '✗'} ${name.padEnd(30)} ${said.padEnd(14)} ${(took / 1000).toFixed(0)} s`)
}

const causes = results.filter(({ stable }) => !stable)
const stable = results.filter((result) => result.stable)
const median = results.map(({ took }) => took).sort((a, b) => a - b)[Math.floor(results.length / 2)] ?? 0
console.log(`causes named rightly: ${causes.filter(({ right }) => right).length} of ${causes.length}`)
console.log(`stable files blamed: ${stable.filter(({ right }) => !right).length} of ${stable.length}`)
console.log(`median experiment: ${(median / 1000).toFixed(0)} s`)
process.exitCode = results.every(({ right }) => right) ? 0 : 1

/**
 * @param {string} name
 * @returns {Promise<{ conclusion: string, cause?: string, took: number }>}
 */
function diagnose(name) {
  const args = [command, 'diagnose', `${name}.test.js`, '--runner', 'vitest', '--json', '--budget', '8m']
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
