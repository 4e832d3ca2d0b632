/** Files that a test attaches are found, although they lie in the private /tmp of its sandbox. */
import { expect, test } from 'vitest'
import { createProject, eachCell, printed, run, tree } from './support.js'

const files = {
  'a.test.ts': `
import { writeFileSync } from 'node:fs'
import { test } from 'vitest'
test('attaches', async ({ annotate }) => {
  writeFileSync('/tmp/picture.txt', 'pixels')
  await annotate('see', { path: '/tmp/picture.txt' })
})`,
}

eachCell((cell) => {
  test('the attachment is copied to where Vitest keeps them', async () => {
    await using project = await createProject(cell, files)
    const result = await run(cell, project, ['--attachmentsDir=attached'])
    expect(result.code, printed(result)).toBe(0)
    const kept = Object.entries(await tree(project)).filter(([path]) => path.startsWith('attached/'))
    expect(kept).toEqual([[expect.stringMatching(/\.txt$/), 'pixels']])
  })
})
