/** Watch mode: changed files run again, in sandboxes, and a changed configuration opens a new session. */
import { expect, test } from 'vitest'
import { snapshot } from '../harness/leftovers.js'
import { waitFor } from '../harness/wait-for.js'
import { config, createProject, eachCell, expectNothingLeft } from './support.js'
import { openTerminal } from './terminal.js'

eachCell((cell) => {
  test('runs again what changed, with the options as they are then', async () => {
    const before = snapshot()
    await using project = await createProject(cell, {
      'value.ts': `export const value = 'first'`,
      'a.test.ts': `
import { hostname } from 'node:os'
import { test } from 'vitest'
import { value } from './value'
test('a', () => console.log('AT', hostname(), value))`,
      'b.test.ts': `import { test } from 'vitest'\ntest('b', () => console.log('B RAN'))`,
    })
    await using terminal = openTerminal(cell, project.dir, 'watch')
    // Vitest takes no notice of keys while it runs tests, so each run is seen to its end.
    let runs = 0
    const finishes = async (...texts: string[]) => {
      runs += 1
      const isDone = () => terminal.output().split('Waiting for file changes').length > runs
      await waitFor(`run ${runs} to end`, isDone).catch((cause) => {
        throw new Error(terminal.output(), { cause })
      })
      for (const text of texts) expect(terminal.output()).toContain(text)
    }
    await finishes('AT glovebox first', 'B RAN')

    await project.write({ 'value.ts': `export const value = 'second'` })
    await finishes('AT glovebox second')
    expect(terminal.output().split('B RAN').length).toBe(2)

    await project.write({ 'vitest.config.ts': config('{}', `{ hostname: 'renamed' }`) })
    await finishes('AT renamed second')

    terminal.type('q')
    await terminal.ended
    await expectNothingLeft(before, terminal.marker)
  })
})
