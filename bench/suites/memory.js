import { forks, fresh, glovebox, numbered, vitestSuite } from '../lib/vitest-suite.js'

/** What a worker adds to the memory in use: its proportional set size at the end of a small file, with as many workers as there are. */
export function memorySuite({ files = 8, workers }) {
  return vitestSuite({
    title: `Memory of one worker (PSS, at the end of one of ${files} small files)`,
    sources: numbered(files, () => content),
    count: files,
    workers,
    references: ['forks'],
    variants: [forks, glovebox, fresh],
    read({ output }) {
      const sizes = [...output.matchAll(/pss=(\d+)/g)].map(([, size]) => Number(size)).sort((a, b) => a - b)
      return { memory: sizes[sizes.length >> 1] * 1024 }
    },
  })
}

const content = `
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
test('is small', () => {
  expect({ a: [1, 2] }).toEqual({ a: [1, 2] })
  console.log('pss=' + /^Pss: +(\\d+)/m.exec(readFileSync('/proc/self/smaps_rollup', 'utf8'))[1])
})
`
