import { z } from 'zod'
import { splitAssignment } from './environment-schema.js'
import type { LimitOptions } from './options.js'
import type { ParsedLimits } from './parsed-options.js'
import { quantity, quantityOrNone } from './quantity.js'
import { parseBytes, parseCount, parseDuration, parseNumber } from './units.js'

const size = 'a size such as 256MiB or 1.5GiB, or bytes as a number'
const duration = 'a duration such as 30s or 5m, or milliseconds as a number'
const bytes = { value: 'size', expected: size, parse: parseBytes } as const
const count = { value: 'whole number', expected: 'a whole number', parse: parseCount } as const

const ioShape = {
  readBps: quantity(bytes).optional().meta({ description: 'Bytes read per second.' }),
  writeBps: quantity(bytes).optional().meta({ description: 'Bytes written per second.' }),
  readIops: quantity(count).optional().meta({ description: 'Reads per second.' }),
  writeIops: quantity(count).optional().meta({ description: 'Writes per second.' }),
}
const rule = z
  .strictObject({
    device: z
      .string()
      .regex(/^\d+:\d+$/, { error: 'is not a block device as MAJ:MIN (`lsblk` shows them)' })
      .meta({ description: 'Block device as `MAJ:MIN` (`lsblk` shows them).' }),
    ...ioShape,
  })
  .refine((io) => Object.keys(io).length > 1, {
    error: `needs at least one of ${Object.keys(ioShape).join(', ')}`,
  })

/** `8:0 readBps=1MiB writeIops=100` → the object form, validated as such. */
const ruleText = z
  .string()
  .transform((text): z.input<typeof rule> => {
    const [device = '', ...rates] = text.trim().split(/\s+/)
    return { device, ...Object.fromEntries(rates.map(splitAssignment)) }
  })
  .pipe(rule)

const pageSize = z.string().regex(/^\d+[KMG]B$/, { error: 'is not a size of huge pages such as 2MB' })
const hugePages = z.record(pageSize, quantity({ ...bytes, min: 0 }))
const hugePagesText = z
  .array(z.string())
  .transform((list): z.input<typeof hugePages> => Object.fromEntries(list.map(splitAssignment)))
  .pipe(hugePages)

/** Limits in their own units: bytes, milliseconds (`timeout`), microseconds (`cpuPeriod`), counts. */
export const limitsSchema: z.ZodType<ParsedLimits, LimitOptions> = z.strictObject({
  memory: quantityOrNone(bytes).optional().meta({
    description:
      'Memory of all processes of the file together, their files in private directories included: a hard cap.',
    fallback: 'memory available / max workers',
  }),
  swap: quantity({ ...bytes, min: 0 })
    .optional()
    .meta({ description: 'Swap beyond `memory`; 0 for none.', fallback: '0' }),
  cpus: quantity({ value: 'number', expected: 'a number of CPUs such as 0.5', parse: parseNumber, min: 0.01 })
    .optional()
    .meta({
      description: 'CPUs’ worth of time, e.g. `0.5`.',
      fallback: 'no limit',
    }),
  cpuPeriod: quantity({
    value: 'duration',
    expected: 'a duration between 1ms and 1s, or milliseconds as a number',
    parse: parseDuration,
    min: 1,
    max: 1000,
  })
    .transform((milliseconds) => milliseconds * 1000)
    .optional()
    .meta({ description: 'Period over which `cpus` is enforced: 1 ms to 1 s.', fallback: '100ms' }),
  cpuWeight: quantity({ ...count, min: 1, max: 10_000 })
    .optional()
    .meta({
      description: 'Share of a contended CPU: 1 to 10000, 100 is normal.',
      fallback: '100',
    }),
  cpuset: z
    .union([z.string(), z.number().transform(String)], { error: 'is not a list of CPUs such as 0-1,3' })
    .refine((list) => /^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(list), {
      error: 'is not a list of CPUs such as 0-1,3',
    })
    .optional()
    .meta({ description: 'CPUs that may be used, e.g. `0-1,3`.', fallback: 'all CPUs' }),
  pids: quantityOrNone(count)
    .optional()
    .meta({ description: 'Processes and threads at once.', fallback: '512' }),
  timeout: quantityOrNone({ value: 'duration', expected: duration, parse: parseDuration }).optional().meta({
    description: 'Wall clock of the file. Ends synchronous endless loops too.',
    fallback: '5m',
  }),
  disk: quantity(bytes).optional().meta({
    description: 'Private directories and the project’s overlay together. Charged to `memory` as well.',
    fallback: '1GiB',
  }),
  openFiles: quantity(count)
    .optional()
    .meta({ description: 'Open files of each process (RLIMIT_NOFILE).', fallback: 'the host’s' }),
  fileSize: quantity(bytes)
    .optional()
    .meta({ description: 'Size of a file that is written (RLIMIT_FSIZE).', fallback: 'the host’s' }),
  coreSize: quantity({ ...bytes, min: 0 })
    .optional()
    .meta({ description: 'Size of core files (RLIMIT_CORE); 0 for none.', fallback: 'the host’s' }),
  stackSize: quantity(bytes)
    .optional()
    .meta({ description: 'Stack of a process’s main thread (RLIMIT_STACK).', fallback: 'the host’s' }),
  io: z
    .array(z.union([ruleText, rule]))
    .max(8, { error: 'has more than 8 devices' })
    .optional()
    .meta({
      description: 'Rates per block device; as text `8:0 readBps=1MiB writeIops=100`.',
      fallback: 'no limit',
    }),
  hugetlb: z
    .union([hugePagesText, hugePages])
    .refine((sizes) => Object.keys(sizes).length <= 4, { error: 'has more than 4 sizes' })
    .optional()
    .meta({
      description: "Huge pages by their size, `{ '2MB': '64MiB' }`; as text `2MB=64MiB`.",
      fallback: 'no limit',
    }),
})
