/** Vitest on cgroup v2. GLOVEBOX_MATRIX=full: on the emulated machine, too, which has every controller and counts pressure. */
import { describe } from 'vitest'
import { failsAsItself, type Suite } from './suite.js'

const suite = (limits = ''): Suite => ({
  needs: 'vitest4.1',
  project: {
    vitest: '4.1',
    files: {
      'vitest.config.js': `
        import { glovebox } from '@glovebox/vitest-plugin'
        export default {
          test: { include: ['*.test.js'], maxWorkers: 1, testTimeout: 60_000, teardownTimeout: 60_000 },
          plugins: [glovebox({ limits: { memory: '192MiB', pids: 64, ${limits} } })],
        }`,
    },
  },
  imports: `import { expect, test } from 'vitest'`,
  command:
    'node node_modules/vitest/vitest.mjs run --reporter=default --reporter=json --outputFile.json=$V2VM_OUT/result',
})

describe.each(['root', 'a user with a delegated cgroup', 'a user in a systemd session'] as const)(
  'as %s',
  (caller) => failsAsItself(caller, suite()),
)

describe.runIf(process.env.GLOVEBOX_MATRIX === 'full')('as root, emulated', () => {
  const own = (file: string) => `readFileSync('/sys/fs/cgroup/${file}', 'utf8')`
  const sees = `
    expect(${own('cpuset.cpus')}.trim()).toBe('1')
    expect(process.getBuiltinModule('node:os').availableParallelism()).toBe(1)
    expect(${own('memory.pressure')}).toMatch(/^full avg10=/m)`
  failsAsItself('root', { ...suite(`cpuset: '1'`), sees }, { backend: 'qemu', limit: 900 })
})
