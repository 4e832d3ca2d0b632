/** The command on a kernel with cgroup v2 (a virtual machine): doctor's remedy typed by an ordinary user, and limits. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { requires, v2vmScript } from '../harness/requires.js'
import { repository } from '../setup/matrix.mjs'
import { mainPath } from './cli.js'

const glovebox = `${process.execPath} ${mainPath}`

async function inMachine(options: string[], script: string): Promise<string> {
  const run = promisify(execFile)
  const { stdout } = await run(v2vmScript, [...options, repository, script], { maxBuffer: 1 << 24 })
  return stdout
}

/** Reads doctor's report from stdin and writes what it says of the memory controller as a shell script. */
const remedyOf = `${process.execPath} -e "
  const { rows } = JSON.parse(require('fs').readFileSync(0, 'utf8'))
  console.log(rows.find((row) => row.name === 'memory').remedy.commands.join(' && '))"`

describe('cgroup v2', () => {
  requires('root', 'v2vm')

  test('a user without delegation is told what to type, and then has every promised controller', async () => {
    const user = 'setpriv --reuid 1000 --regid 1000 --clear-groups env HOME=/tmp'
    const stdout = await inMachine(
      [],
      `sudo() { "$@"; }
       ${user} ${glovebox} doctor --json > /tmp/before; echo "before $?"
       ${remedyOf} < /tmp/before > /tmp/remedy
       . /tmp/remedy > /dev/null
       ${user} ${glovebox} doctor; echo "after $?"`,
    )
    expect(stdout).toMatch(/before 1/)
    expect(stdout).toMatch(/ok +memory +v2, delegated/)
    expect(stdout).toMatch(/after 0/)
  })

  test('limits hold and are measured, for a user with a delegated cgroup', async () => {
    const hog = `${process.execPath} -e 'const a = []; for (;;) a.push(Buffer.alloc(1 << 20, 1))'`
    const busy = `${process.execPath} -e 'while (process.cpuUsage().user < 300000);'`
    const stdout = await inMachine(
      ['-u'],
      `${glovebox} run --memory 64MiB -- ${hog} 2>&1; echo "hog $?"
       ${glovebox} run --cpus 0.2 --usage -- ${busy} 2>&1; echo "busy $?"`,
    )
    expect(stdout).toMatch(/was killed at its memory limit of 64 MiB \(peak [\d.]+ MiB\).*\n(.*\n)*hog 137/)
    expect(stdout).toMatch(/throttled +[\d.]+ s in \d+ of \d+ periods\n(.*\n)*busy 0/)
  })
})
