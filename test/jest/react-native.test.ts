/** The preset of React Native itself, which is for Jest 29: components are rendered in sandboxes as without. */
import { beforeAll, expect, test } from 'vitest'
import { requires } from '../harness/requires.js'
import type { Run } from '../harness/run-runner.js'
import { type Cell, config, createProject, eachCell, outcomes, printed, run, runPlain } from './support.js'

const files = {
  'jest.config.js': config(`{ preset: '@react-native/jest-preset', testTimeout: 120_000 }`),
  'babel.config.js': `module.exports = { presets: ['module:@react-native/babel-preset'] }`,
  'button.js': `
import { Pressable, StyleSheet, Text } from 'react-native'
const styles = StyleSheet.create({ button: { padding: 4 } })
export function Button({ label, onPress }) {
  return <Pressable onPress={onPress} style={styles.button}><Text>{label}</Text></Pressable>
}`,
  'icon.png': 'not a picture',
  'colour.ios.js': `export const colour = 'of iOS'`,
  'colour.android.js': `export const colour = 'of Android'`,
  'button.test.js': `
import { act, create } from 'react-test-renderer'
import { Animated, Platform } from 'react-native'
import { Button } from './button'
import { colour } from './colour'
test('renders', async () => {
  let rendered
  await act(async () => { rendered = create(<Button label="Add" />) })
  expect(rendered.toJSON()).toMatchSnapshot()
})
test('is pressed', async () => {
  const pressed = jest.fn()
  let rendered
  await act(async () => { rendered = create(<Button label="Add" onPress={pressed} />) })
  await act(async () => rendered.root.findByType(Button).props.onPress())
  expect(pressed).toHaveBeenCalledTimes(1)
})
test('has what the preset sets up', () => {
  expect([Platform.OS, colour, __DEV__, typeof requestAnimationFrame]).toEqual(['ios', 'of iOS', true, 'function'])
  expect(require('./icon.png')).toMatchObject({ testUri: expect.stringContaining('icon.png') })
  expect(new Animated.Value(1)).toBeDefined()
})
test('is somewhere', () => console.log('HOST', require('os').hostname()))`,
}

const cells: readonly Cell[] = [{ node: 20, jest: '29.7', as: 'user' }]

eachCell((cell, available) => {
  const installed = requires('react-native') && available
  let plain: Result
  let sandboxed: Result
  beforeAll(async () => {
    if (!installed) return
    plain = await runProject(cell, runPlain)
    sandboxed = await runProject(cell, run)
  }, 480_000)

  test('every test passes, and the same snapshot is written', () => {
    expect(outcomes(sandboxed.run), printed(sandboxed.run)).toEqual(outcomes(plain.run))
    expect(Object.keys(outcomes(sandboxed.run))).toHaveLength(5)
    expect(plain.snapshot).toContain('Add')
    expect(sandboxed.snapshot).toBe(plain.snapshot)
  })

  test('the files are sandboxed', () => {
    expect(printed(sandboxed.run)).toContain('HOST glovebox')
    expect(printed(plain.run)).not.toContain('HOST glovebox')
  })
}, cells)

interface Result {
  run: Run
  snapshot: string
}

async function runProject(cell: Cell, start: typeof run): Promise<Result> {
  await using project = await createProject(cell, files, { packages: 'react-native' })
  const result = await start(cell, project, ['--ci=false'], { limit: 240_000 })
  expect(result.code, printed(result).slice(-4000)).toBe(0)
  return { run: result, snapshot: await project.read('__snapshots__/button.test.js.snap') }
}
