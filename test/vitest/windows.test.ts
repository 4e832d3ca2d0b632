/** A window that was made in the template is to a file what one made for it is: new, its own, and with its own clocks. */
import { expect, test } from 'vitest'
import { config, createProject, eachCell, outcomes, printed, run } from './support.js'

/** Prints what it sees, then leaves traces that the next file must not see. */
const probe = (number: number) => `
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'

const clocks = {
  now: performance.now(), origin: performance.timeOrigin,
  windowNow: globalThis.jsdom?.window.performance.now() ?? 0,
  windowOrigin: globalThis.jsdom?.window.performance.timeOrigin ?? performance.timeOrigin,
  modified: globalThis.jsdom ? Date.parse(document.lastModified) : Date.now(),
  frame: await new Promise((resolve) => requestAnimationFrame(resolve)),
}
const chain = (value) => value ? [value.name, ...chain(Object.getPrototypeOf(value))] : []
const descriptors = (of) => Object.fromEntries(Reflect.ownKeys(of).filter((key) => typeof key === 'string').sort().map((key) => {
  const { enumerable, configurable, writable, get, set } = Object.getOwnPropertyDescriptor(of, key)
  return [key, [enumerable, configurable, writable, typeof get, typeof set].join()]
}))
// Node.js loads some of its globals when they are first used.
for (const key of Reflect.ownKeys(globalThis)) Reflect.get(globalThis, key)
const seen = {
  globals: descriptors(globalThis),
  window: globalThis.jsdom ? Object.keys(descriptors(jsdom.window)) : [],
  types: Object.fromEntries(['Request', 'URL', 'Event', 'FormData', 'Blob', 'fetch', 'navigator', 'performance', 'Date', 'crypto', 'console']
    .map((name) => [name, chain(typeof globalThis[name] === 'function' ? globalThis[name] : globalThis[name]?.constructor)])),
  same: [window === globalThis, document.defaultView === window, self === window, Math === window.Math, Date === window.Date,
    performance === window.performance, document.body.ownerDocument === document],
  realm: [[] instanceof Array, document.createElement('p') instanceof HTMLElement, new Date() instanceof window.Date],
  document: [document.documentElement.outerHTML, document.readyState, document.cookie, document.title, document.compatMode, document.contentType,
    document.hidden, document.visibilityState, document.activeElement?.tagName, document.styleSheets.length, document.currentScript],
  location: [location.href, history.length, history.state, document.referrer, document.URL],
  storage: [localStorage.length, sessionStorage.length],
  elements: customElements.get('x-element') === undefined,
  style: [getComputedStyle(document.body).display, document.body.getAttribute('style')],
  listeners: ['uncaughtException', 'unhandledRejection', 'exit', 'beforeExit', 'warning', 'SIGTERM', 'message']
    .map((name) => [name, process.listenerCount(name)]),
  // How many timers the runner has is a matter of the moment; of all else the number counts.
  resources: process.getActiveResourcesInfo().filter((name, index, all) => name !== 'PipeWrap' && (name !== 'Timeout' || all.indexOf(name) === index)).sort(),
  env: Object.keys(process.env).sort(),
  ids: [process.env.VITEST_POOL_ID, process.env.FROM_CONFIG],
  commonjs: Object.keys(createRequire(import.meta.url).cache).map((path) => path.replace(/.*node_modules/, '')).sort(),
  navigator: [navigator.userAgent, navigator.language, navigator.onLine],
  size: [innerWidth, innerHeight, devicePixelRatio],
}
console.log('SEEN' + JSON.stringify(seen) + 'END')
console.log('DREW' + JSON.stringify([Math.random(), window.Math.random(), globalThis.jsdom?.window.Math.random(), crypto.randomUUID(), document.defaultView.crypto.randomUUID()]) + 'END')

test('the clocks of the window are those of the worker', () => {
  const { now, windowNow, frame, windowOrigin, modified, origin } = clocks
  for (const time of [now, windowNow, frame]) {
    expect(time).toBeGreaterThanOrEqual(0)
    expect(time).toBeLessThanOrEqual(performance.now())
  }
  expect(windowOrigin).toBeGreaterThanOrEqual(origin)
  expect(windowOrigin).toBeLessThanOrEqual(origin + performance.now())
  // It is written in whole seconds.
  expect(modified).toBeGreaterThan(origin - 1000)
})

test('leaves traces', async () => {
  localStorage.setItem('key', 'value')
  sessionStorage.setItem('key', 'value')
  document.cookie = 'a=${number}'
  document.title = 'file ${number}'
  document.body.innerHTML = '<p>file ${number}</p>'
  document.body.style.display = 'flex'
  customElements.define('x-element', class extends HTMLElement {})
  history.pushState({ file: ${number} }, '', '/file-${number}')
  HTMLElement.prototype.ofFile${number} = true
  window.ofFile${number} = true
  window.addEventListener('error', () => {})
  setInterval(() => {}, 1e6)
})
`

interface Seen {
  [key: string]: unknown
}

function all(output: string, name: string): unknown[] {
  return [...output.matchAll(new RegExp(`${name}(.*?)END`, 'g'))].map(([, json = '']) => JSON.parse(json))
}

const settings = (environment: string) =>
  JSON.stringify({ environment, maxWorkers: 1, env: { FROM_CONFIG: 'yes' }, silent: false })

/** Changes the configuration after Glovebox has seen it, as another plugin may. */
const changing = `
import { defineConfig } from 'vitest/config'
import { glovebox } from '@glovebox/vitest-plugin'
const later = { name: 'later', configureVitest({ project }) {
  project.config.environmentOptions = { jsdom: { url: 'http://later.example/' } }
} }
export default defineConfig({ plugins: [glovebox({ worker: 'fork' }), later], test: { environment: 'jsdom', setupFiles: ['./setup.js'] } })`

eachCell((cell) => {
  test.each(['jsdom', 'happy-dom'])(
    '%s: every file finds a new one, as in a fresh worker',
    async (environment) => {
      await using project = await createProject(cell, {
        'vitest.config.ts': config(settings(environment), `{ worker: process.env.WORKER }`),
        'a.test.js': probe(1),
        'b.test.js': probe(2),
      })
      const look = async (WORKER: string) => {
        const result = await run(cell, project, [], { env: { WORKER } })
        expect(Object.values(outcomes(result)).filter((outcome) => outcome !== 'passed')).toEqual([])
        const seen = all(printed(result), 'SEEN') as Seen[]
        expect(seen).toHaveLength(2)
        return { seen, drew: all(printed(result), 'DREW') as unknown[][] }
      }
      const forked = await look('fork')
      const fresh = await look('spawn')
      expect(forked.seen[1]).toEqual(forked.seen[0])
      for (const [key, value] of Object.entries(fresh.seen[0] ?? {}))
        expect(forked.seen[0]?.[key], key).toEqual(value)
      const [first = [], second = []] = forked.drew
      for (const [index, value] of first.entries()) if (value !== null) expect(second[index]).not.toBe(value)
    },
  )

  test('what a file wants otherwise than the template has it is set up for it', async () => {
    await using project = await createProject(cell, {
      'vitest.config.ts': changing,
      'setup.js': `globalThis.fromSetup = document.createElement('p').tagName`,
      'later.test.js': `
        import { expect, test } from 'vitest'
        test('later', () => expect([location.href, fromSetup, localStorage.length]).toEqual(['http://later.example/', 'P', 0]))`,
      'options.test.js': `
        /** @vitest-${'environment'}-options { "url": "http://options.example/" } */
        import { expect, test } from 'vitest'
        test('options', () => expect([location.href, fromSetup, Request.name]).toEqual(['http://options.example/', 'P', 'Request']))`,
      'node.test.js': `
        // @vitest-${'environment'} happy-dom
        import { expect, test } from 'vitest'
        test('another', () => expect([location.href, typeof happyDOM, typeof jsdom]).toEqual(['http://localhost:3000/', 'object', 'undefined']))`,
    })
    const found = outcomes(await run(cell, project))
    expect(Object.values(found)).toHaveLength(6)
    expect(Object.values(found).filter((outcome) => outcome !== 'passed')).toEqual([])
  })
})
