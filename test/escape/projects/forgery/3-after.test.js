import { runDirectories } from './run-directory.cjs'

test('finds no directory of the supervisor', () => {
  expect(process.env.PLAIN ? [] : runDirectories()).toEqual([])
})
