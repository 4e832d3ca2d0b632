import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { isProven, type Proof, proofOf, rememberProof } from './self-test-proof.js'

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'gbtest-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const proof = (subject = 'node 1'): Proof & { directory: string } => ({
  directory: join(directory(), 'a/b'),
  subject,
})

test('what was remembered is proven, and nothing else is', () => {
  const known = proof()
  expect(isProven(known)).toBe(false)
  rememberProof(known)
  expect(isProven(known)).toBe(true)
  expect(isProven({ ...known, subject: 'node 2' })).toBe(false)
  rememberProof(known)
  rememberProof({ ...known, subject: 'node 2' })
  expect(readdirSync(known.directory)).toHaveLength(2)
})

test.each(['', 'node', 'node 1 ', '\0'])(
  'a file that holds %j proves nothing, and is replaced',
  (content) => {
    const known = proof()
    rememberProof(known)
    const [name] = readdirSync(known.directory) as [string]
    writeFileSync(join(known.directory, name), content)
    expect(isProven(known)).toBe(false)
    rememberProof(known)
    expect(isProven(known)).toBe(true)
  },
)

test('a proof is good for a month; older ones are removed when one is added', () => {
  const known = proof()
  rememberProof(known)
  const [name] = readdirSync(known.directory) as [string]
  const old = Date.now() / 1000 - 40 * 86_400
  utimesSync(join(known.directory, name), old, old)
  expect(isProven(known)).toBe(false)
  rememberProof({ ...known, subject: 'node 2' })
  expect(readdirSync(known.directory)).not.toContain(name)
})

test('a directory that cannot be had only means that the test is due again', () => {
  const path = join(directory(), 'file')
  writeFileSync(path, '')
  const known = { directory: join(path, 'below'), subject: 'node 1' }
  for (const each of [known, { ...known, directory: undefined }]) {
    rememberProof(each)
    expect(isProven(each)).toBe(false)
  }
  expect(readFileSync(path, 'utf8')).toBe('')
})

test('the subject changes with the library, flags and environment, and lies in the user’s cache', () => {
  vi.stubEnv('XDG_CACHE_HOME', '/somewhere')
  onTestFinished(() => void vi.unstubAllEnvs())
  const library = join(directory(), 'library')
  writeFileSync(library, 'one')
  const input = { library, execArgv: [], env: {} }
  const first = proofOf(input)
  expect(first.directory).toBe('/somewhere/glovebox/forks')
  expect(proofOf(input)).toEqual(first)
  const others = [
    proofOf({ ...input, execArgv: ['--expose-gc'] }),
    proofOf({ ...input, env: { NODE_OPTIONS: '--expose-gc' } }),
    proofOf({ ...input, env: { LD_PRELOAD: '/x.so' } }),
  ]
  writeFileSync(library, 'two')
  const subjects = [first, ...others, proofOf(input)].map(({ subject }) => subject)
  expect(new Set(subjects).size).toBe(subjects.length)
})
