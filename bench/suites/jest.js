import { jestSuite } from '../lib/jest-suite.js'

/** Small files in the node environment. */
export function jestFilesSuite({ files = 60, workers }) {
  const title = `${files} small test files`
  return jestSuite({ title, files, workers, content: smallFile, sources: { 'subject.js': subject } })
}

/** Files that build, change and query a document in jsdom. */
export function jestJsdomSuite({ files = 20, workers }) {
  const title = `${files} files with jsdom and real DOM work`
  return jestSuite({ title, files, workers, content: domFile, config: { testEnvironment: 'jsdom' } })
}

/** Files of about a second each, which keep the compiler and the garbage collector busy. */
export function jestCpuSuite({ files = 20, workers }) {
  return jestSuite({ title: `${files} CPU-heavy files`, files, workers, content: heavyFile })
}

const subject = `exports.add = (a, b) => a + b
exports.later = (value) => new Promise((resolve) => setImmediate(resolve, value))
`

const smallFile = (index) => `const { join } = require('node:path')
const { add, later } = require('./subject.js')

describe('file ${index}', () => {
  test('adds', () => {
    expect(add(${index}, 1)).toBe(${index + 1})
  })
  test('joins', () => {
    expect(join('a', '${index}')).toBe('a/${index}')
  })
  test('waits', async () => {
    expect(await later({ index: ${index} })).toEqual({ index: ${index} })
  })
})
`

const domFile = (index) => `
beforeEach(() => { document.body.innerHTML = '<main><form><input name="text"><button>Add</button></form><ul></ul></main>' })

test('list ${index} grows when the form is submitted', () => {
  const [form, list] = [document.querySelector('form'), document.querySelector('ul')]
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const item = document.createElement('li')
    item.textContent = form.elements.text.value
    list.append(item)
  })
  for (let i = 0; i < 100; i++) {
    form.elements.text.value = 'item ' + i
    form.querySelector('button').click()
  }
  expect(list.children).toHaveLength(100)
  expect(list.querySelectorAll('li:nth-child(odd)')).toHaveLength(50)
})
`

const heavyFile = (index) => `
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
  for (let i = 0; i < 150; i++) total += sum(grow(15))
  expect(total).toBe(150 * 2 ** 15)
})
`
