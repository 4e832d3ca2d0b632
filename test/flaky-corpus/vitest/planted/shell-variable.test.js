import { expect, test } from 'vitest'

test('the editor of the user is started', () => {
  const editor = process.env.CORPUS_EDITOR ?? 'none'
  expect(editor).toMatch(/vi/)
})
