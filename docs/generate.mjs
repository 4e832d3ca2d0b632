#!/usr/bin/env node
/*
 * Writes reference.md and schema.json from the schema of the built core (`npm run build:ts` first).
 *   node docs/generate.mjs           writes them
 *   node docs/generate.mjs --check   fails, naming them, if they are not what it would write
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { optionsSchema } from '../packages/core/dist/config/schema.js'
import { settings } from '../packages/core/dist/config/settings.js'
import { pages } from './pages.mjs'

const place = (name) => new URL(name, import.meta.url)
const read = (name) => (existsSync(place(name)) ? readFileSync(place(name), 'utf8') : undefined)
const stale = Object.entries(pages(optionsSchema, settings)).filter(([name, text]) => read(name) !== text)

if (process.argv.includes('--check')) {
  for (const [name] of stale) console.error(`docs/${name} is out of date: run node docs/generate.mjs`)
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  for (const [name, text] of stale) writeFileSync(place(name), text)
}
