/** Jest's cache of transformed code: warm from the first file on, shared, and safe from tests. */
import { expect, test } from 'vitest'
import { config, createProject, eachCell, outcomes, printed, run } from './support.js'

const transformer = `
module.exports = {
  getCacheKey: (source, path, options) => require('crypto').createHash('sha1').update(source + path + options.configString).digest('hex'),
  process(source, path) {
    // To the terminal, past everything: what was transformed in which process.
    require('fs').writeSync(2, 'TRANSFORMED ' + require('path').basename(path) + '\\n')
    return { code: source }
  },
}`

/** Writes over every file of the cache, with a checksum that Jest takes. */
const poison = `
const { createHash } = require('crypto'), { readdirSync, writeFileSync, statSync } = require('fs'), { join } = require('path')
const { lib } = require('./lib')
test('poisons what it finds', () => {
  const evil = 'module.exports = { lib: "poisoned" }'
  const found = readdirSync(process.env.CACHE, { recursive: true }).map((name) => join(process.env.CACHE, String(name))).filter((path) => statSync(path).isFile())
  for (const path of found) writeFileSync(path, createHash('sha1').update(evil).digest('hex').slice(0, 32) + '\\n' + evil)
  console.log('POISONED', found.some((path) => path.includes('lib')), found.some((path) => path.includes('haste-map')))
  writeFileSync(join(process.env.CACHE, 'stray'), '')
  expect(lib).toBe('clean')
})`

eachCell((cell, available) => {
  test('a second run transforms nothing, though its files run in new sandboxes', async () => {
    if (!available) return
    await using project = await createProject(cell, {
      'transformer.js': transformer,
      'jest.config.js': config(`{ transform: { '\\\\.js$': './transformer.js' } }`),
      'lib.js': `module.exports = { lib: 'clean' }`,
      'a.test.js': `const { lib } = require('./lib')\ntest('a', () => expect(lib).toBe('clean'))`,
      'b.test.js': `const { lib } = require('./lib')\ntest('b', () => expect(lib).toBe('clean'))`,
    })
    await using cache = await createProject(cell, {})
    const env = { CACHE: cache.path('cache') }
    const first = await run(cell, project, ['--runInBand', `--cacheDirectory=${env.CACHE}`], { env })
    expect(first.code, printed(first).slice(-3000)).toBe(0)
    // The second file already finds what the first one transformed.
    expect(first.stderr.match(/TRANSFORMED lib.js/g)).toHaveLength(1)
    const second = await run(cell, project, ['--runInBand', `--cacheDirectory=${env.CACHE}`], { env })
    expect(second.code).toBe(0)
    expect(second.stderr).not.toContain('TRANSFORMED')
  })

  // Within the project it is part of the project's private layer, beside it it has one of its own.
  const within = cell.as === 'root'
  test(`${within ? 'within' : 'beside'} the project, no test can poison it for another`, async () => {
    if (!available) return
    await using project = await createProject(cell, {
      'transformer.js': transformer,
      'jest.config.js': config(
        `{ transform: { '\\\\.js$': './transformer.js' }, testSequencer: './sequencer.js' }`,
      ),
      'sequencer.js': `const { default: Sequencer } = require('@jest/test-sequencer')\nmodule.exports = class extends Sequencer { sort(tests) { return [...tests].sort((a, b) => (a.path < b.path ? -1 : 1)) } }`,
      'lib.js': `module.exports = { lib: 'clean' }`,
      'a.test.js': poison,
      'b.test.js': `const { lib } = require('./lib')\ntest('b', () => expect(lib).toBe('clean'))`,
    })
    await using other = await createProject(cell, {})
    const env = { CACHE: within ? project.path('cache') : other.path('cache') }
    for (const time of ['first', 'second']) {
      const result = await run(cell, project, ['--runInBand', `--cacheDirectory=${env.CACHE}`], { env })
      expect(printed(result)).toContain('POISONED true true')
      expect(outcomes(result), time).toMatchObject({
        'a.test.js > poisons what it finds': 'passed',
        'b.test.js > b': 'passed',
      })
    }
    // Not so without Glovebox: that is what it is for.
    const plain = await run(cell, project, ['--runInBand', `--cacheDirectory=${env.CACHE}`], {
      env: { ...env, PLAIN: '1' },
    })
    const again = await run(cell, project, ['--runInBand', `--cacheDirectory=${env.CACHE}`], {
      env: { ...env, PLAIN: '1' },
    })
    expect(
      outcomes(plain)['b.test.js > b'] === 'passed' && outcomes(again)['b.test.js > b'] === 'passed',
    ).toBe(false)
  })
})
