// @ts-check
/** `node test/setup/main.mjs`: everything that the tests need beyond `npm ci`, quickly when it is there already. */
import { installDebianPackages } from './apt.mjs'
import { installLayouts } from './layouts.mjs'
import { installMatrix } from './matrix.mjs'

const log = (/** @type {string} */ line) => console.log(`set-up: ${line}`)
const missing = [
  ...(await installDebianPackages(log)),
  ...(await installMatrix(log)),
  ...(await installLayouts(log)),
]
for (const line of missing) log(`not available: ${line}`)
log(missing.length === 0 ? 'ready' : 'ready; the tests that need what is missing skip or fail, saying so')
