import { describe, expect, test } from 'vitest'
import { canBeSetUpAhead } from './templates.js'

const plain = { environmentOptions: {}, experimental: { viteModuleRunner: true } }

describe('an environment is set up ahead', () => {
  test.each([
    ['node', null, plain, true],
    ['happy-dom', null, plain, true],
    ['jsdom', null, plain, true],
    ['jsdom', { jsdom: { url: 'http://a.example/', html: '<p class="on">text</p>' } }, plain, true],
    ['edge-runtime', null, plain, false],
    ['./environment.ts', null, plain, false],
    ['jsdom', { jsdom: { resources: 'usable' } }, plain, false],
    ['jsdom', { jsdom: { html: '<script>run()</script>' } }, plain, false],
    ['jsdom', { jsdom: { html: '<body onload="run()">' } }, plain, false],
    ['jsdom', null, { ...plain, environmentOptions: { jsdom: { resources: 'usable' } } }, false],
    ['node', null, { ...plain, experimental: { viteModuleRunner: false } }, false],
    ['node', null, { ...plain, experimental: { openTelemetry: { enabled: true } } }, false],
  ] as const)('%s, options %j, configuration %j: %s', (name, options, config, expected) => {
    expect(canBeSetUpAhead(name, options, config as typeof plain)).toBe(expected)
  })
})
