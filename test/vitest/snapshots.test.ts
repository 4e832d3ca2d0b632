/** Snapshots of every kind are written where Vitest's own pool writes them, although the project is an overlay. */
import { beforeAll, expect, test } from 'vitest'
import type { Run } from '../harness/run-vitest.js'
import { type Cell, config, createProject, eachCell, printed, run, tree } from './support.js'

const files = {
  'vitest.config.ts': config(`{
    resolveSnapshotPath: (path, extension) => path.includes('elsewhere') ? path.replace('src/', 'kept/') + extension : path.replace(/([^/]+)$/, '__snapshots__/$1') + extension,
  }`),
  'src/all.test.ts': `
import { expect, test } from 'vitest'
const value = process.env.VALUE
test('in a file of its own', () => expect({ value }).toMatchSnapshot())
if (process.env.VALUE === 'first') test('goes away', () => expect('obsolete').toMatchSnapshot())
test('inline', () => expect({ value }).toMatchInlineSnapshot())
test('as a file', () => expect('<p>' + value + '</p>').toMatchFileSnapshot('./pages/page.html'))`,
  'src/elsewhere.test.ts': `
import { expect, test } from 'vitest'
test('where the configuration says', () => expect(process.env.VALUE).toMatchSnapshot())`,
  'src/dropped.test.ts': `
import { expect, test } from 'vitest'
if (process.env.VALUE === 'first') test('all snapshots of this file go', () => { expect(1).toMatchSnapshot() })
test('stays', () => {})`,
  'src/strays.test.ts': `
import { writeFileSync } from 'node:fs'
import { test } from 'vitest'
test('writes to the project', () => { writeFileSync(new URL('./stray.txt', import.meta.url), 'stray'); writeFileSync(new URL('./strays.test.ts', import.meta.url), '') })`,
}

interface Stages {
  runs: Run[]
  trees: Record<string, string>[]
}

eachCell((cell, available) => {
  let plain: Stages
  let sandboxed: Stages
  beforeAll(async () => {
    if (!available) return
    plain = await stages(cell, { PLAIN: '1' })
    sandboxed = await stages(cell, {})
  })

  test('new ones, updated ones and obsolete ones', () => {
    const [created, updated] = plain.trees.map(withoutStrays)
    expect(created?.['src/__snapshots__/all.test.ts.snap']).toContain('obsolete')
    expect(created?.['src/all.test.ts']).toContain('"value": "first"')
    expect(created?.['src/pages/page.html']).toBe('<p>first</p>')
    expect(created?.['kept/elsewhere.test.ts.snap']).toContain('first')
    expect(updated?.['src/__snapshots__/all.test.ts.snap']).not.toContain('obsolete')
    expect(updated).not.toHaveProperty('src/__snapshots__/dropped.test.ts.snap')
    expect(sandboxed.trees.map(withoutStrays)).toEqual([created, updated])
  })

  test('the summary counts the same', () => {
    const summary = (result: Run) => printed(result).match(/^.*[Ss]napshots? .*$/gm)
    expect(summary(sandboxed.runs[0] as Run)).toEqual(summary(plain.runs[0] as Run))
    expect(summary(sandboxed.runs[1] as Run)).toEqual(summary(plain.runs[1] as Run))
  })

  test('what is not a snapshot is thrown away, and reported', () => {
    expect(plain.trees[0]).toHaveProperty('src/stray.txt')
    expect(sandboxed.trees[0]).not.toHaveProperty('src/stray.txt')
    expect(sandboxed.runs[0]?.stderr).toMatch(/strays\.test\.ts wrote .*stray\.txt .*: discarded/)
  })
})

async function stages(cell: Cell, env: Record<string, string>): Promise<Stages> {
  await using project = await createProject(cell, files)
  const result: Stages = { runs: [], trees: [] }
  for (const [value, update] of [
    ['first', 'new'],
    ['second', 'all'],
  ]) {
    result.runs.push(
      await run(cell, project, [`--update=${update}`], {
        env: { ...env, VALUE: value, GLOVEBOX_REPORT: 'full' },
      }),
    )
    result.trees.push(await tree(project))
  }
  return result
}

/** The file that tests write to themselves is the one thing that differs. */
function withoutStrays(files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).filter(([path]) => !path.includes('stray')))
}
