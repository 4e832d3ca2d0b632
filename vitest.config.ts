import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

const minute = 60_000

/**
 * The end-to-end projects share the machine's cgroups, an ordinary user and two cores, so their files run one after another.
 * Time limits end hangs and measure nothing. No test is retried; test/run.mjs says when a file is run again.
 */
function endToEnd(
  name: string,
  groupOrder: number,
  testTimeout: number = 2 * minute,
): TestProjectInlineConfiguration {
  return {
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      environment: 'node',
      pool: 'forks',
      maxWorkers: 1,
      testTimeout,
      hookTimeout: testTimeout,
      retry: 0,
      sequence: { groupOrder },
    },
  }
}

export default defineConfig({
  test: {
    globalSetup: ['test/harness/global-setup.ts'],
    reporters: [['default', { summary: false }], './test/harness/tally-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts'],
          environment: 'node',
          pool: 'forks',
          testTimeout: 20_000,
          retry: 0,
          sequence: { groupOrder: 1 },
        },
      },
      endToEnd('harness', 2),
      endToEnd('packaging', 3, 5 * minute),
      endToEnd('native', 4),
      endToEnd('api', 5),
      endToEnd('cli', 6),
      endToEnd('fork', 14, 5 * minute),
      endToEnd('vitest', 7, 3 * minute),
      endToEnd('promises', 8, 5 * minute),
      endToEnd('cgroup2', 9, 5 * minute),
      endToEnd('examples', 10, 5 * minute),
      endToEnd('bench', 11, 5 * minute),
      endToEnd('compat', 12, 5 * minute),
      endToEnd('jest', 13, 3 * minute),
      endToEnd('network', 14, 3 * minute),
      endToEnd('filesystem', 15, 3 * minute),
      endToEnd('escape', 16),
      endToEnd('faults', 17, 5 * minute),
      endToEnd('load', 18, 5 * minute),
      endToEnd('flaky', 19, 6 * minute),
    ],
  },
})
