#!/usr/bin/env node
import { readFileSync } from 'node:fs'

/** Node.js opens that many while it loads modules, before anything can be said. */
const OPEN_FILES_NEEDED = 64

const allowed = Number(/^Max open files\s+(\d+)/m.exec(limits())?.[1] ?? OPEN_FILES_NEEDED)
if (allowed < OPEN_FILES_NEEDED) {
  process.stderr.write(
    `glovebox: only ${allowed} files may be open here (ulimit -n), too few to start; at least ${OPEN_FILES_NEEDED} are needed\n` +
      '  Raise it: ulimit -n 4096; if the hard limit forbids that, as root: prlimit --pid $$ --nofile=4096:4096\n',
  )
  process.exitCode = 125
} else {
  const { program } = await import('./program.js')
  process.exitCode = await program(process.argv.slice(2))
}

/** '' on systems without procfs. */
function limits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return ''
  }
}
