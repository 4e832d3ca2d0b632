import { forks, fresh, glovebox, numbered, threads, vitestSuite } from '../lib/vitest-suite.js'

/** Files that keep the compiler and the garbage collector busy: what forked workers must not slow down. */
export function cpuSuite({ files = 20, workers }) {
  return vitestSuite({
    title: `${files} CPU-heavy files`,
    sources: numbered(files, content),
    count: files,
    workers,
    test: { testTimeout: 120_000 },
    variants: [forks, threads, glovebox, fresh],
  })
}

const content = (index) => `
import { expect, test } from 'vitest'

test('counts primes', () => {
  let found = 0
  for (let n = 2; n < 250_000; n++) {
    let prime = true
    for (let d = 2; d * d <= n; d++) if (n % d === 0) { prime = false; break }
    if (prime) found++
  }
  expect(found).toBe(22044)
})
test('grows and drops trees, ${index}', () => {
  const grow = (depth) => (depth === 0 ? { value: 1 } : { left: grow(depth - 1), right: grow(depth - 1) })
  const sum = (tree) => tree.value ?? sum(tree.left) + sum(tree.right)
  let total = 0
  for (let i = 0; i < 40; i++) total += sum(grow(15))
  expect(total).toBe(40 * 2 ** 15)
})
test('sorts, maps and serialises', () => {
  let size = 0
  for (let round = 0; round < 20; round++) {
    const rows = Array.from({ length: 20_000 }, (_, i) => ({ key: 'k' + ((i * 7919) % 20_011), i }))
    const sorted = rows.toSorted((a, b) => (a.key < b.key ? -1 : 1))
    size += JSON.parse(JSON.stringify(Object.fromEntries(sorted.map(({ key, i }) => [key, i])))).k1 === undefined ? 0 : 1
  }
  expect(size).toBe(20)
})
`
