/** Faults at chosen moments of a fork: fault-library.c tells which. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'

export interface Injection {
  /** Environment of the session that is to suffer. */
  env: Record<string, string | undefined>
  /** To be visible in its sandboxes. */
  visible: string[]
  /** Where the self-test keeps its proofs. */
  proofs: string
  /** Every fork from now on meets this fault, `MOMENT ACTION`; with ` once` the next one alone; '': none does. */
  set(fault: string): void
}

/** None at first. The self-test has a cache of its own, so that it takes place once in each test. */
export function injection(): Injection {
  const directory = mkdtempSync(join(tmpdir(), 'gbtest-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const library = buildFaults(directory)
  vi.stubEnv('XDG_CACHE_HOME', join(directory, 'cache'))
  onTestFinished(() => void vi.unstubAllEnvs())
  const file = join(directory, 'fault')
  return {
    env: { PATH: process.env.PATH, LD_PRELOAD: library, GBTEST_FAULT: file },
    visible: [library],
    proofs: join(directory, 'cache/glovebox/forks'),
    set: (fault) => writeFileSync(file, fault),
  }
}

/** The path of the library, which is made in `directory`. */
export function buildFaults(directory: string): string {
  const library = join(directory, 'faults.so')
  const source = join(import.meta.dirname, 'fault-library.c')
  execFileSync('cc', ['-D_GNU_SOURCE', '-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'])
  return library
}
