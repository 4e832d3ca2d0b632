import { expect, test } from 'vitest'
import { explain, explanationText } from './explain.js'
import type { Verdict } from './verdict.js'

const MiB = 2 ** 20

test.each<[Verdict, string[]]>([
  [
    { kind: 'memory-limit', limit: 256 * MiB, peak: 255.5 * MiB, kills: 1 },
    [
      'Memory limit: the file needed more than its 256MiB, 1 process was killed (peak 255.5MiB).',
      "Raise it: `@glovebox-memory 512MiB` in the docblock of the file, or `limits: { memory: '512MiB' }` in the options of Glovebox (vitest.config.ts).",
    ],
  ],
  [
    { kind: 'memory-limit', limit: 256 * MiB, peak: 220 * MiB, kills: 0, heap: 192 * MiB },
    [
      "Memory limit: V8's heap reached the 192MiB that it may have of the file's 256MiB, and gave up; its own message and stack are in the output above (peak 220MiB).",
      expect.stringMatching(/^Raise it: `@glovebox-memory 512MiB`/),
    ],
  ],
  [
    { kind: 'memory-limit', limit: undefined, peak: undefined, kills: 2 },
    [
      'Memory: the host ran out of memory, 2 processes were killed.',
      expect.stringMatching(/^Run fewer workers/),
    ],
  ],
  [
    { kind: 'timeout', limit: 300_000, wall: 300_120 },
    [
      'Timeout: the file ran longer than its limit of 5m (stopped after 5.1m) and was killed.',
      "Raise it: `@glovebox-timeout 10m` in the docblock of the file, or `limits: { timeout: '10m' }` in the options of Glovebox (vitest.config.ts).",
    ],
  ],
  [
    { kind: 'pids-limit', limit: 512, peak: 512, refused: 3 },
    [
      'Process limit: 3 forks were refused because the file may have 512 processes and threads (peak 512).',
      'Raise it: `@glovebox-pids 1024` in the docblock of the file, or `limits: { pids: 1024 }` in the options of Glovebox (vitest.config.ts).',
    ],
  ],
  [
    {
      kind: 'outer-pids-limit',
      limit: 512,
      peak: 2,
      refused: 3,
      outer: { name: '/sys/fs/cgroup/pids/ci/pids.max', limit: 40, used: 40 },
    },
    [
      'Process limit outside of the sandbox: 3 forks were refused although the file had at most 2 of the 512 processes and threads that it may have; the limit was /sys/fs/cgroup/pids/ci/pids.max, 40 for all that run under it (40 in use).',
      'Raise it (`docker run --pids-limit`, `podPidsLimit` of Kubernetes, `TasksMax=` of systemd), or run fewer workers at once (`maxWorkers`).',
    ],
  ],
  [
    {
      kind: 'outer-pids-limit',
      limit: undefined,
      peak: undefined,
      refused: 1,
      outer: { name: 'RLIMIT_NPROC', limit: 100, used: 100 },
    },
    [
      'Process limit outside of the sandbox: 1 fork was refused although the file has no limit of its own; the limit was RLIMIT_NPROC, 100 for all that run under it (100 in use).',
      expect.stringMatching(/^Raise it \(`ulimit -u`/),
    ],
  ],
  [
    { kind: 'outer-pids-limit', limit: 512, peak: 9, refused: 1, outer: undefined },
    [
      'Process limit outside of the sandbox: 1 fork was refused although the file had at most 9 of the 512 processes and threads that it may have; the limit cannot be seen from here.',
      expect.stringMatching(/^Raise it \(`docker run --pids-limit`/),
    ],
  ],
  [
    { kind: 'disk-limit', limit: 1024 * MiB, used: 1024 * MiB },
    [
      expect.stringMatching(/may hold 1GiB and were full \(1GiB at the end\)\.$/),
      expect.stringMatching(/`@glovebox-disk 2GiB`.*`limits: \{ disk: '2GiB' \}`/),
    ],
  ],
  [
    { kind: 'killed', signal: 'SIGTERM', by: 'unknown', detail: undefined },
    [
      'Killed: the process of the file was ended by SIGTERM, which no limit of Glovebox sent.',
      expect.stringMatching(/process\.kill\(\)/),
    ],
  ],
  [
    { kind: 'killed', signal: 'SIGKILL', by: 'glovebox', detail: 'the run was cancelled' },
    ['Killed: Glovebox ended the file before it was done (the run was cancelled).'],
  ],
  [
    { kind: 'crashed', signal: 'SIGSEGV', heapExhausted: false },
    [expect.stringMatching(/ended by SIGSEGV/), expect.stringMatching(/native addons/)],
  ],
  [
    { kind: 'crashed', signal: 'SIGABRT', heapExhausted: true },
    [
      expect.stringMatching(/V8 reached its own heap limit.*SIGABRT/),
      expect.stringMatching(/--max-old-space-size/),
    ],
  ],
  [
    { kind: 'exited', code: 3 },
    [
      'Exited: the process of the file ended with code 3 before the file was done.',
      expect.stringMatching(/process\.exit\(\)/),
    ],
  ],
  [
    {
      kind: 'unexpected-writes',
      writes: [
        { path: '/app/data.db', change: 'created', size: 12_288 },
        { path: '/app/kept.txt', change: 'deleted', size: 1 },
      ],
    },
    [
      'Unexpected writes: the file wrote /app/data.db (12 KiB), deleted /app/kept.txt in the project, where its changes are discarded.',
      expect.stringMatching(/`@glovebox-strict-writes report`.*`filesystem: { strictWrites: 'report' }`/),
    ],
  ],
  [
    {
      kind: 'leaked',
      leaks: [
        { kind: 'process', pid: 9, command: 'sleep 100' },
        { kind: 'listener', address: 'tcp [::]:3000' },
      ],
    },
    [
      'Leaked: when the file was done there were still process 9 (sleep 100), a listener on tcp [::]:3000.',
      expect.stringMatching(/`@glovebox-leaks report`.*`leaks: 'report'`/),
    ],
  ],
  [
    { kind: 'port-forwarded', ports: [5432] },
    [
      'Port taken: the file listens on port 5432, which its network policy forwards to a service outside.',
      expect.stringMatching(/`@glovebox-forward 15432:localhost:5432`/),
    ],
  ],
  [
    { kind: 'network-blocked', blocked: [{ kind: 'address', host: '2001:db8::1', port: 80 }] },
    [
      'Network blocked: the file asked for [2001:db8::1]:80, which its network policy does not allow.',
      expect.stringMatching(
        /`@glovebox-forward \[2001:db8::1\]:80`.*`network: { forward: \['\[2001:db8::1\]:80'\] }`/,
      ),
    ],
  ],
  [
    {
      kind: 'network-blocked',
      blocked: [
        { kind: 'name', host: 'api.example.com' },
        { kind: 'name', host: 'b.example' },
      ],
    },
    [
      'Network blocked: the file asked for api.example.com, b.example, which its network policy does not allow.',
      expect.stringMatching(
        /`@glovebox-allow api.example.com:443`.*`network: { allow: \['api.example.com:443'\] }`/,
      ),
    ],
  ],
  [
    { kind: 'sandbox-error', stage: 'mount-overlay', errno: 13, path: '/app', message: 'denied' },
    [
      "Sandbox error, not the test's: at mount-overlay (/app): EACCES: denied",
      expect.stringMatching(/glovebox doctor/),
    ],
  ],
  [
    { kind: 'sandbox-error', stage: 'export', errno: 28, path: 'out/a', message: 'no room' },
    [
      "Sandbox error, not the test's: at export (out/a): ENOSPC: no room",
      'Free some space there, or set TMPDIR to a folder that has some',
    ],
  ],
])('%j', (verdict, lines) => {
  const explanation = explain(verdict, 'vitest.config.ts')
  expect([explanation?.message, explanation?.remedy].filter(Boolean)).toEqual(lines)
})

test('of a file that the runner judges there is nothing to say', () => {
  expect(explain({ kind: 'passed-through' }, '')).toBeUndefined()
  expect(explanationText({ kind: 'passed-through' }, '')).toBe('')
})

test('the text has the remedy on its own line', () => {
  expect(explanationText({ kind: 'exited', code: 0 }, '').split('\n')).toHaveLength(2)
})
