/** A preset that says much, as that of React Native does: platforms, an environment of its own, transformers, mapped modules. */
import { beforeAll, expect, test } from 'vitest'
import type { Run } from '../harness/run-runner.js'
import { config, createProject, eachCell, outcomes, printed, run, runPlain } from './support.js'

const preset = `
module.exports = {
  haste: { defaultPlatform: 'ios', platforms: ['android', 'ios', 'native'] },
  testEnvironment: require.resolve('./environment.js'),
  setupFiles: [require.resolve('./setup.js')],
  moduleNameMapper: { '^native-kit$': require.resolve('./kit.js') },
  transform: { '\\\\.png$': require.resolve('./asset.js'), '\\\\.[jt]sx?$': 'babel-jest' },
  transformIgnorePatterns: ['node_modules/(?!(native-|shipped-as-source))'],
}`

const files = {
  'jest.config.js': config(`{ preset: 'native-preset' }`, `{ limits: { pids: 77 } }`),
  'node_modules/native-preset/package.json': `{ "name": "native-preset", "version": "1.0.0" }`,
  'node_modules/native-preset/jest-preset.js': preset,
  'node_modules/native-preset/environment.js': `
const { TestEnvironment } = require('jest-environment-node')
module.exports = class extends TestEnvironment { exportConditions() { return ['require', 'native'] } }`,
  'node_modules/native-preset/setup.js': `globalThis.__DEV__ = true; globalThis.requestAnimationFrame = (callback) => setTimeout(callback, 0)`,
  'node_modules/native-preset/kit.js': `exports.Platform = { OS: 'ios' }`,
  'node_modules/native-preset/asset.js': `module.exports = { process: (source, path) => ({ code: 'module.exports = { testUri: ' + JSON.stringify(require('path').basename(path)) + ' }' }) }`,
  'node_modules/shipped-as-source/package.json': `{ "name": "shipped-as-source", "version": "1.0.0", "exports": { ".": { "native": "./native.js", "default": "./other.js" } } }`,
  'node_modules/shipped-as-source/native.js': `export const kind = 'native'`,
  'node_modules/shipped-as-source/other.js': `export const kind = 'other'`,
  'button.ios.js': `export const button = 'of iOS'`,
  'button.android.js': `export const button = 'of Android'`,
  'button.js': `export const button = 'of any'`,
  'logo.png': `not a picture`,
  'native.test.js': `
import { Platform } from 'native-kit'
import { kind } from 'shipped-as-source'
import { button } from './button'
import logo from './logo.png'
test('files of the platform are chosen', () => expect([button, Platform.OS]).toEqual(['of iOS', 'ios']))
test('packages are taken by condition, and transformed', () => expect(kind).toBe('native'))
test('pictures are objects', () => expect(require('./logo.png')).toEqual({ testUri: 'logo.png' }))
test('globals are set up', () => expect([__DEV__, typeof requestAnimationFrame]).toEqual([true, 'function']))
test('is in a sandbox', () => console.log('HOST', require('os').hostname()))`,
}

eachCell((cell, available) => {
  let plain: Run
  let sandboxed: Run
  beforeAll(async () => {
    if (!available) return
    await using project = await createProject(cell, files)
    plain = await runPlain(cell, project)
    sandboxed = await run(cell, project)
  })

  test('every test passes, with Glovebox and without', () => {
    expect(plain.code, printed(plain)).toBe(0)
    expect(outcomes(sandboxed)).toEqual(outcomes(plain))
    expect(Object.keys(outcomes(sandboxed))).toHaveLength(6)
  })

  test('the files are sandboxed', () => {
    expect(printed(sandboxed)).toContain('HOST glovebox')
    expect(printed(plain)).not.toContain('HOST glovebox')
  })
})
