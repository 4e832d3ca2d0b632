import { isAbsolute } from 'node:path'
import { expect, test } from 'vitest'
import { type JestConfig, withGlovebox } from './with-glovebox.js'

const runner = expect.stringMatching(/\/runner\.js$/)

test('sets the runner, and keeps everything else', () => {
  const config = withGlovebox({
    preset: 'ts-jest',
    testEnvironment: 'jsdom',
    testEnvironmentOptions: { url: 'http://a' },
  })
  expect(config).toEqual({
    preset: 'ts-jest',
    runner,
    testEnvironment: 'jsdom',
    testEnvironmentOptions: { url: 'http://a', glovebox: {} },
  })
  expect(isAbsolute((config as JestConfig).runner as string)).toBe(true)
})

test('its options lie over those of the configuration, key by key', () => {
  const config: JestConfig = {
    testEnvironmentOptions: { glovebox: { limits: { pids: 1, memory: '1GiB' }, network: 'host' } },
  }
  expect(withGlovebox(config, { limits: { pids: 2 } }).testEnvironmentOptions?.glovebox).toEqual({
    limits: { pids: 2, memory: '1GiB' },
    network: 'host',
  })
})

test('projects that are written into it are included, named ones are not', () => {
  const config: JestConfig = { projects: ['packages/*', { displayName: 'a' }] }
  expect(withGlovebox(config, { network: 'host' }).projects).toEqual([
    'packages/*',
    { displayName: 'a', runner, testEnvironmentOptions: { glovebox: { network: 'host' } } },
  ])
})

test('takes a function, as Jest does', async () => {
  const config = withGlovebox(async () => ({ preset: 'ts-jest' }))
  expect(await config()).toMatchObject({ preset: 'ts-jest', runner })
})
