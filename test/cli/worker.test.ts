/** `glovebox run --worker`: a script in a forked worker behaves as the same script in a fresh Node.js process. */
import { describe, expect, test } from 'vitest'
import { createFixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import type { Role } from '../harness/users.js'
import { type CliResult, cli, glovebox } from './cli.js'

const scripts: Record<string, string> = {
  'commonjs.cjs': `
    console.log(process.argv.slice(1).map((arg) => require('path').basename(arg)), require.main === module)
    process.on('exit', (code) => console.log('exit', code))
    setTimeout(() => { console.error('late'); process.exitCode = 3 }, 20)`,
  'module.mjs': `
    import { readFile } from 'node:fs/promises'
    console.log((await readFile(new URL(import.meta.url), 'utf8')).length, process.pid)
    process.on('beforeExit', () => console.log('beforeExit'))`,
  'exits.cjs': `setInterval(() => {}, 1000); setTimeout(() => process.exit(7), 10)`,
  'throws.cjs': `process.on('exit', (code) => console.log('exit', code)); throw new Error('on purpose')`,
  'rejects.mjs': `await Promise.reject(new Error('on purpose'))`,
  'unsettled.mjs': `await new Promise(() => {})`,
  'killed.cjs': `process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000)`,
  'malformed.cjs': `const = 1`,
  'stdin.cjs': `let n = 0; process.stdin.on('data', (chunk) => { n += chunk.length }).on('end', () => console.log(n))`,
  'servers.mjs': `
    import { createServer, get } from 'node:http'
    import { Worker } from 'node:worker_threads'
    import { execFileSync } from 'node:child_process'
    const server = createServer((_, answer) => answer.end('answer')).listen(0, () =>
      get({ port: server.address().port }, (answer) => answer.setEncoding('utf8').on('data', (text) => {
        console.log(text, execFileSync(process.execPath, ['-p', '1+1'], { encoding: 'utf8' }).trim())
        new Worker('require("worker_threads").parentPort.postMessage(5)', { eval: true }).on('message', console.log)
        server.close()
      })))`,
}

/** Below which call of Node.js or of Glovebox the script ran differs; so may colours. */
function comparable({ status, signal, stdout, stderr }: CliResult): unknown {
  return { status, signal, stdout, stderr: stderr.replace(/^ +at .*\n/gm, '') }
}

describe.each<Role>(['root', 'user'])('as %s', (as) => {
  requires(as)

  test('output, exit status and natural end of a script are those of a fresh process', async () => {
    await using fixture = await createFixture({ as, files: scripts })
    for (const script of [...Object.keys(scripts), 'missing.cjs']) {
      const run = (worker: string) =>
        glovebox(`--worker ${worker}`, [`./${script}`, 'a b', '--flag'], {
          as,
          cwd: fixture.dir,
          input: 'hello',
        })
      const [fresh, forked] = await Promise.all([run('spawn'), run('fork')])
      expect(comparable(forked), script).toEqual(comparable(fresh))
    }
  })

  test('the script runs in a fork, in a sandbox', async () => {
    const code = `console.log(require('fs').readFileSync('/proc/self/cmdline', 'utf8').includes('template.js'), process.pid)`
    await using fixture = await createFixture({ as, files: { 'script.cjs': code } })
    const run = async (worker: string) =>
      (await glovebox(`--worker ${worker}`, ['script.cjs'], { as, cwd: fixture.dir })).stdout
    expect(await run('fork')).toBe('true 2\n')
    expect(await run('spawn')).toBe('false 2\n')
  })
})

describe('what cannot be', () => {
  requires('userns')

  test('a flag in place of the script is refused', async () => {
    const { status, stderr } = await cli(['run', '--worker', 'fork', '--', '--expose-gc', 'script.js'])
    expect(stderr).toMatch(/--worker: --expose-gc is no script\n.*NODE_OPTIONS/)
    expect(status).toBe(125)
  })

  test('Node.js that cannot be forked is named, with the way out', async () => {
    const env = { NODE_OPTIONS: '--v8-pool-size=2' }
    const { status, stderr } = await cli(['run', '--worker', 'fork', 'script.js'], { env })
    expect(stderr).toMatch(/--worker fork: it does not work with --v8-pool-size\n.*--worker spawn/)
    expect(status).toBe(125)
  })
})
