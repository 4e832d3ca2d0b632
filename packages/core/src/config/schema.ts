import { z } from 'zod'
import { environmentSchema } from './environment-schema.js'
import { limitsSchema } from './limits-schema.js'
import { networkSchema } from './network-schema.js'
import type { GloveboxOptions } from './options.js'
import type { ParsedFileOptions, ParsedOptions } from './parsed-options.js'
import { quantity } from './quantity.js'
import { parseCount, parseDuration, parseUmask } from './units.js'

/*
 * The one description of all options: validation, docs/reference.md, docs/schema.json and the spelling hints come from
 * it. `description`s are Markdown; `fallback` says in words what plan/ does where an option is left out.
 */

const path = z.string().min(1, { error: 'must not be empty' })
const paths = z.array(path)

const filesystemSchema = z.strictObject({
  project: z.enum(['overlay', 'readonly', 'direct']).optional().meta({
    description:
      'What writes to the project do: `overlay`: they land in a private layer, from which `persist` is copied back; `readonly`: they fail; `direct`: they reach the host.',
    fallback: 'overlay',
  }),
  persist: paths.optional().meta({
    description:
      'Globs, relative to the root, of what is copied back from the overlay, in addition to what the runner itself writes (snapshots, coverage).',
  }),
  strictWrites: z.enum(['report', 'fail']).optional().meta({
    description:
      'What a file that wrote to the overlay what is not copied back gets: a line in the report, or a verdict that fails it.',
    fallback: 'report',
  }),
  hide: paths.optional().meta({
    description:
      'Paths that a test must not see, in addition to credentials and services’ sockets, which are always hidden. `~` is the home directory; other relative paths start at the root.',
  }),
  writable: paths.optional().meta({ description: 'Existing paths of the host that a test may write.' }),
  readonly: paths.optional().meta({
    description:
      'Existing paths of the host that stay visible where a private or hidden directory would cover them.',
  }),
})

const clockOffset = quantity({
  value: 'duration',
  expected: 'a duration such as 1h, or milliseconds as a number, in whole seconds',
  parse: (value) => {
    const milliseconds = parseDuration(value)
    return milliseconds !== undefined && milliseconds % 1000 === 0 ? milliseconds / 1000 : undefined
  },
  min: 0,
})

/** Pragmas are strings. */
const switchSchema = z.union(
  [z.boolean(), z.literal(['true', 'false']).transform((word) => word === 'true')],
  { error: 'is neither true nor false' },
)

const fileShape = {
  limits: limitsSchema
    .optional()
    .meta({ description: 'Caps on what a file may use. What is hit fails the file by name.' }),
  network: networkSchema.optional().meta({
    description:
      '`none`: a loopback of its own (127.0.0.1 and ::1) and nothing else; `host`: the host’s network, shared (pragma: `@glovebox-network`). An object: a loopback of its own, and what it [lets through](network.md).',
    fallback: 'none',
  }),
  hostname: z
    .string()
    .regex(/^(?=.{1,63}$)[a-z\d]([a-z\d-]*[a-z\d])?$/i, {
      error: 'is not a host name (up to 63 letters, digits and inner hyphens)',
    })
    .optional()
    .meta({ description: 'The sandbox’s host name; it resolves to 127.0.0.1.', fallback: 'glovebox' }),
  filesystem: filesystemSchema
    .optional()
    .meta({ description: 'What a file sees and may write; [filesystem.md](filesystem.md) has the rules.' }),
  root: path.optional().meta({
    description: 'A directory that becomes `/`; writes to it are discarded.',
    fallback: 'the host’s `/`, read-only',
  }),
  user: z.enum(['caller', 'root']).optional().meta({
    description: 'The user that a test is: the caller, or user 0 mapped to the caller.',
    fallback: 'caller',
  }),
  env: environmentSchema.optional().meta({
    description: 'The environment. `inherit` or `clean` alone is short for `{ base }`.',
    fallback: 'inherit',
  }),
  nestedSandboxes: switchSchema.optional().meta({
    description:
      'Lets a test make namespaces and mounts, for suites that test containers or use Chromium’s own sandbox. A test run by root can then lift its limits: [specification.md](specification.md#nested-sandboxes).',
    fallback: 'false',
  }),
  ioUring: switchSchema.optional().meta({
    description:
      'Lets a test use io_uring, whose operations pass by the filter of system calls. Without it the kernel seems not to know io_uring.',
    fallback: 'false',
  }),
  capabilities: z.enum(['auto', 'files', 'none']).optional().meta({
    description:
      'What root keeps inside its user namespace: `none`: nothing; `files`: reading, writing and giving away files whatever their owner, and becoming another user, as in a container; `auto`: nothing, unless files of the project belong to another user than root, or lie behind a directory that is closed to it, or `nestedSandboxes` is set. An ordinary user has none anyway.',
    fallback: 'auto',
  }),
  umask: quantity({
    value: 'mask',
    expected: 'a file-mode mask such as 022 (octal)',
    parse: parseUmask,
    min: 0,
  })
    .optional()
    .meta({
      description: 'File-mode creation mask: octal as a string, or a number.',
      fallback: 'the runner’s',
    }),
  time: z
    .strictObject({
      monotonic: clockOffset
        .optional()
        .meta({ description: 'Offset of CLOCK_MONOTONIC (`process.hrtime`).' }),
      boottime: clockOffset.optional().meta({ description: 'Offset of CLOCK_BOOTTIME (`os.uptime`).' }),
    })
    .optional()
    .meta({ description: 'Offsets of the sandbox’s clocks against the host’s, in whole seconds.' }),
  leaks: z.enum(['report', 'fail', 'ignore']).optional().meta({
    description:
      'Processes and listening sockets that outlive a file: reported, failing it, or not looked at.',
    fallback: 'report',
  }),
}

const reportTable = z.enum(['auto', 'full', 'off'])

/** Everything that may stand in an override or a docblock. */
export const fileOptionsSchema: z.ZodType<ParsedFileOptions> = z.strictObject(fileShape)

export const optionsSchema: z.ZodType<ParsedOptions, GloveboxOptions> = z.strictObject({
  ...fileShape,
  onUnsupported: z.enum(['error', 'warn']).default('error').meta({
    description:
      'What happens when this host cannot give an isolation that is asked for: the run fails with the remedy, or goes on and says each time what is missing.',
  }),
  worker: z.enum(['auto', 'fork', 'spawn']).default('auto').meta({
    description:
      'How a worker begins: `fork`: as a fork of a warm Node.js process, the template; `spawn`: as a Node.js process started afresh; `auto`: forked where that is known to work, else started afresh, with a notice.',
  }),
  preload: z
    .array(z.string().min(1, { error: 'must not be empty' }))
    .default([])
    .meta({
      description:
        'Modules that the template imports, as a file of the root would, so that forked workers need not: large dependencies that are not mocked.',
    }),
  overrides: z
    .array(
      z.strictObject({
        ...fileShape,
        files: z
          .union([path.transform((glob) => [glob]), z.array(path).min(1, { error: 'must not be empty' })], {
            error: 'is not a glob or a list of globs',
          })
          .meta({ description: 'Globs of test files, relative to the root.' }),
      }),
    )
    .default([])
    .meta({
      description: 'Options of the files that match; of several matching entries the later one wins.',
    }),
  flaky: z
    .strictObject({
      retries: quantity({
        value: 'whole number',
        expected: 'a whole number',
        parse: parseCount,
        min: 0,
        max: 10,
      })
        .default(0)
        .meta({
          description:
            'How often a file that fails is run again, at most, each time in a fresh sandbox. If it passes then, it is [flaky](flaky.md).',
          fallback: '0',
        }),
      policy: z.enum(['fail', 'warn']).default('fail').meta({
        description: 'What a flaky file gets: it fails, or it passes and is reported.',
      }),
      history: path.optional().meta({
        description:
          'Path of a database, relative to the root, to which each run adds how its tests ended: `glovebox history` [reads it](flaky.md#history).',
        fallback: 'none is kept',
      }),
    })
    .default({ retries: 0, policy: 'fail' })
    .meta({
      description: 'Whether a file that failed is run again, to tell a flaky file from a broken one.',
    }),
  stress: quantity({
    value: 'whole number',
    expected: 'a whole number',
    parse: parseCount,
    min: 1,
    max: 100_000,
  })
    .optional()
    .meta({
      description:
        'How often each file is run, each time in a fresh sandbox, to see [how often it fails](flaky.md#stress). Rather for the command line: `--glovebox.stress 20`.',
      fallback: 'once',
    }),
  report: z
    .union([
      reportTable.transform((table) => ({ table, github: 'auto' as const })),
      z.strictObject({
        table: reportTable.default('auto').meta({
          description: 'The table after the run: `auto`: only what stands out; `full`: every file; `off`.',
        }),
        json: path
          .optional()
          .meta({ description: 'Path of a JSON report, relative to the root.', fallback: 'none is written' }),
        junit: path.optional().meta({
          description: 'Path of a [JUnit report](ci.md#reports), relative to the root.',
          fallback: 'none is written',
        }),
        ctrf: path.optional().meta({
          description: 'Path of a [CTRF report](ci.md#reports), relative to the root.',
          fallback: 'none is written',
        }),
        github: z.enum(['auto', 'off']).default('auto').meta({
          description:
            'Annotations and a job summary about flaky files, quarantine and limits: `auto`: where GitHub Actions runs this.',
        }),
      }),
    ])
    .default({ table: 'auto', github: 'auto' })
    .meta({ description: 'What is reported after the run. A string is short for `{ table }`.' }),
})
