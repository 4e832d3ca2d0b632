/** Every relative link in our pages leads somewhere. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { repository } from '../setup/matrix.mjs'
import { run } from './packages.js'

test('pages link only to what exists', async () => {
  const { stdout } = await run('git', ['ls-files', '*.md'], { cwd: repository })
  const pages = stdout
    .trim()
    .split('\n')
    .filter((page) => existsSync(join(repository, page)))
  expect(pages).toContain('README.md')
  expect(pages.flatMap(brokenLinks)).toEqual([])
})

function brokenLinks(page: string): string[] {
  const text = readFileSync(join(repository, page), 'utf8').replace(/```[\s\S]*?```/g, '')
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target.replace(/#.*$/, ''))
  return targets
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
    .filter((target) => !existsSync(join(repository, dirname(page), target)))
    .map((target) => `${page}: ${target}`)
}
