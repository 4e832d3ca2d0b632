import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { pages } from '../../../../docs/pages.mjs'
import { errorCodes } from '../errors.js'
import { optionsSchema } from './schema.js'
import { settings } from './settings.js'

const read = (name: string) => readFileSync(new URL(`../../../../docs/${name}`, import.meta.url), 'utf8')

describe('generated pages', () => {
  test.each(Object.entries<string>(pages(optionsSchema, settings)))(
    '%s is what the schema says (node docs/generate.mjs writes it)',
    (name, text) => {
      expect(read(name)).toBe(text)
    },
  )

  test('every pragma is in the reference', () => {
    const missing = settings.filter(({ name }) => !read('reference.md').includes(`\`@glovebox-${name}\``))
    expect(missing).toEqual([])
  })

  test('every option has a description', () => {
    expect(
      read('reference.md')
        .split('\n')
        .filter((line) => /^\| `.*\|\s*\|$/.test(line)),
    ).toEqual([])
  })
})

test('docs/errors.md has each error code once, and no other', () => {
  const headings = [...read('errors.md').matchAll(/^## (GLOVEBOX_\w+)$/gm)].map(([, code]) => code)
  expect(headings.toSorted()).toEqual([...errorCodes].toSorted())
})
