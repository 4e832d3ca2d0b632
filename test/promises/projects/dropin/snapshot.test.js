import { expect, test } from 'vitest'

test('writes a snapshot', () => expect({ deep: { value: [1, 2, 3] } }).toMatchSnapshot())
test('writes an inline snapshot', () => {
  expect('inline').toMatchInlineSnapshot()
})
