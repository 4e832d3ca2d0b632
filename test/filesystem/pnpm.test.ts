/** Projects that pnpm installed: packages are links into a store, in the project or in the home directory, or real directories. */
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Fixture } from '../harness/fixture.js'
import { moduleOf } from '../harness/run-vitest.js'
import { identityOf } from '../harness/users.js'
import { type Cell, config, createProject, eachCell, run, runPlain } from '../vitest/support.js'
import { hoist, linkFromStore } from './layouts.js'

const files = {
  'vitest.config.ts': config('{}', `{ report: { json: 'glovebox.json' } }`),
  'sum.test.ts': `
import { createRequire } from 'node:module'
import fs from 'node:fs'
import { expect, test } from 'vitest'
test('runs', () => {
  expect({ sum: 1 + 1 }).toMatchSnapshot()
  fs.writeFileSync('stray.txt', '')
})
test('fails with a stack of its own', () => { throw new Error('told') })
`,
}

async function check(cell: Cell, project: Fixture): Promise<void> {
  const failures = async (result: ReturnType<typeof run>) =>
    moduleOf(await result, 'sum.test.ts').assertionResults.map(({ status, failureMessages }) => [
      status,
      failureMessages?.[0]?.split('\n').slice(0, 2).join('\n'),
    ])
  const boxed = await failures(run(cell, project))
  expect(boxed.map(([status]) => status)).toEqual(['passed', 'failed'])
  expect(boxed[1]?.[1]).toContain(`${project.dir}/sum.test.ts:`)
  // That it ran in a sandbox: the stray file is gone, the report says so.
  expect(JSON.parse(await project.read('glovebox.json')).files[0].writes).toMatchObject({
    persisted: [project.path('__snapshots__/sum.test.ts.snap')],
    discarded: [{ path: project.path('stray.txt'), change: 'created', size: 0 }],
  })
  rmSync(project.path('__snapshots__'), { recursive: true })
  expect(await failures(runPlain(cell, project))).toEqual(boxed)
}

function own(cell: Cell, path: string): void {
  const { uid, gid } = identityOf(cell.as)
  execFileSync('find', [path, '-type', 'd', '-exec', 'chown', `${uid}:${gid}`, '{}', '+'])
}

eachCell((cell) => {
  test('symlinked, with the virtual store in the project', async () => {
    await using project = await createProject(cell, files)
    linkFromStore(project.path('node_modules'), cell.vitest, project.path('node_modules/.pnpm'))
    own(cell, project.path('node_modules'))
    await check(cell, project)
  })

  test('symlinked, with a global virtual store in the home directory', async () => {
    await using project = await createProject(cell, files)
    const home = project.path('../', `${project.dir.split('/').at(-1)}-home`)
    try {
      linkFromStore(
        project.path('node_modules'),
        cell.vitest,
        join(home, '.local/share/pnpm/store/v10/links'),
      )
      own(cell, home)
      await check(cell, project)
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  })

  test('hoisted', async () => {
    await using project = await createProject(cell, files)
    hoist(project.path('node_modules'), cell.vitest)
    await check(cell, project)
  })
})
