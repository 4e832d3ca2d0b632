/** A sample of the corpus; `node test/flaky-corpus/measure.mjs` diagnoses all of it. */
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { requires } from '../harness/requires.js'
import { repository } from '../setup/matrix.mjs'
import { createProject, diagnosisOf } from './support.js'

describe('Vitest 4.1', () => {
  requires('root', 'vitest4.1')

  test.each([
    ['planted/counts-files', ['leftovers'], 'leftovers'],
    ['stable/own-directory', ['leftovers'], undefined],
  ])('%s, of %j: %s', async (name, dimensions, cause) => {
    await using project = await createProject({ vitest: '4.1' })
    const corpus = join(repository, 'test/flaky-corpus/vitest')
    await cp(join(corpus, `${name}.test.js`), project.path('a.test.js'))
    const found = await diagnosisOf(project, ['a.test.js', '--only', dimensions.join(',')])
    expect(found.cause).toBe(cause)
    expect(found.conclusion).toBe(cause === undefined ? 'stable' : 'depends')
  })
})
