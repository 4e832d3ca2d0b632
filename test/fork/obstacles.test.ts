/** Modules that are loaded ahead may make what a fork would lose or share: then workers are started afresh, and told of why. */
import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { createFixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import { forked, fresh, open, run } from './session.js'

requires('userns', 'cc')

const startsThread = `
#include <pthread.h>
#include <unistd.h>
static void *stay(void *none) { for (;;) pause(); return none; }
void *napi_register_module_v1(void *env, void *exports)
{
    pthread_t thread;
    (void)env;
    pthread_create(&thread, NULL, stay, NULL);
    return exports;
}
`
const startsCpp = `
#include <thread>
#include <chrono>
extern "C" void *napi_register_module_v1(void *, void *exports)
{
    std::thread([] { for (;;) std::this_thread::sleep_for(std::chrono::hours(1)); }).detach();
    return exports;
}
`
/** Not by way of the C library's function, as some runtimes do. */
const clones = `
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/syscall.h>
static int stay(void *none) { (void)none; for (;;) syscall(SYS_pause); return 0; }
void *napi_register_module_v1(void *env, void *exports)
{
    (void)env;
    char *stack = malloc(65536);
    clone(stay, stack + 65536, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM, NULL);
    return exports;
}
`
const endsThread = startsThread
  .replace('for (;;) pause(); ', '')
  .replace('    return exports', '    pthread_join(thread, NULL);\n    return exports')

/** An addon of this source, and a module that loads it. */
function addon(name: string, source: string): Record<string, string> {
  const load = `const { createRequire } = require('node:module'); createRequire(__filename)('./${name}.node')`
  return { [`${name}.${source.includes('#include <thread>') ? 'cpp' : 'c'}`]: source, [`${name}.cjs`]: load }
}

const modules = {
  ...addon('thread', startsThread),
  ...addon('cpp', startsCpp),
  ...addon('clone', clones),
  ...addon('ended', endsThread),
  'worker.cjs': `
    const { Worker } = require('node:worker_threads')
    const worker = new Worker('setInterval(() => {}, 1000)', { eval: true })
    worker.unref()`,
  'pool.mjs': `import { readFile } from 'node:fs/promises'; await readFile(new URL(import.meta.url))`,
  'file.cjs': `globalThis.file = require('node:fs').openSync(__filename)`,
  'directory.cjs': `globalThis.directory = require('node:fs').openSync('/')`,
  'socket.cjs': `require('node:net').createServer().listen(0, '127.0.0.1').unref()`,
  'watch.cjs': `require('node:fs').watch(__dirname).unref()`,
  'memory.cjs': `const kept = []; for (;;) kept.push(new Array(10_000).fill(kept.length))`,
  'exits.cjs': `process.exit(3)`,
  'hangs.mjs': `setInterval(() => {}, 1000); await new Promise(() => {})`,
  'closed.cjs': `const fs = require('node:fs'); fs.closeSync(fs.openSync(__filename))`,
}

test.each([
  ['thread.cjs', /\/thread\.node started a thread, which a fork would lose/],
  ['clone.cjs', /a module that it loaded started a thread/],
  ['worker.cjs', /a module that it loaded started a worker thread/],
  ['file.cjs', /keeps \/\S*\/file\.cjs open, which its workers would share/],
  ['directory.cjs', /keeps \/ open/],
  ['socket.cjs', /keeps a socket open/],
  ['watch.cjs', /keeps anon_inode:inotify open/],
  ['memory.cjs', /it was killed by signal 6 before it was warm/],
  ['exits.cjs', /it exited with code 3 before it was warm/],
  ['hangs.mjs', /it was not warm within 30 s/],
])('%s', async (name, reason) => {
  expect(await runWith(name)).toEqual({ answer: fresh, notice: expect.stringMatching(reason) })
})

describe('in C++', () => {
  requires('apt:g++')

  test('cpp.cjs', async () => {
    const reason = /\/cpp\.node started a thread, which a fork would lose/
    expect(await runWith('cpp.cjs')).toEqual({ answer: fresh, notice: expect.stringMatching(reason) })
  })
})

test.each(['ended.cjs', 'pool.mjs', 'closed.cjs'])('%s leaves nothing that is in the way', async (name) => {
  expect(await runWith(name)).toEqual({ answer: forked, notice: undefined })
})

async function runWith(name: string): Promise<{ answer: unknown; notice: string | undefined }> {
  await using fixture = await createFixture({ files: modules })
  const base = name.replace(/\.\w+$/, '')
  for (const [compiler, ending] of [
    ['cc', 'c'],
    ['c++', 'cpp'],
  ] as const) {
    if (`${base}.${ending}` in modules) {
      const paths = ['-o', fixture.path(`${base}.node`), fixture.path(`${base}.${ending}`)]
      execFileSync(compiler, ['-D_GNU_SOURCE', '-shared', '-fPIC', ...paths, '-lpthread'])
    }
  }
  const session = await open('auto', {
    options: options(fixture.path(name)),
    visible: [fixture.dir],
    execArgv: ['--max-old-space-size=64'],
  })
  const answer = await run(session)
  await session.close()
  return { answer, notice: session.notices.find((notice) => notice.includes('fork')) }
}

function options(module: string): object {
  return { worker: 'auto', preload: [module], onUnsupported: 'warn', limits: { memory: '512MiB' } }
}
