import { z } from 'zod'
import { type AllowedName, type Forward, parseAllowed, parseForward } from './network-targets.js'
import type { NetworkOptions } from './options.js'
import type { ParsedNetwork } from './parsed-options.js'
import { quantity } from './quantity.js'
import { parseBytes, parseDuration, parseShare } from './units.js'

/** A parser's result, or its complaint as an issue. */
function take<T extends object>(result: T | string, context: z.RefinementCtx): T {
  if (typeof result !== 'string') return result
  context.addIssue({ code: 'custom', message: result })
  return z.NEVER
}

const forwardText = z
  .string()
  .transform((text, context): Forward | 'auto' =>
    text === 'auto' ? text : take(parseForward(text), context),
  )
const forwardPort = z.number().transform((port, context) => take<Forward>(parseForward(port), context))
const notForward = 'is not a port, HOST:PORT, PORT:HOST:PORT or auto'
const allowedText = z.string().transform((text, context): AllowedName => take(parseAllowed(text), context))

/** One entry is short for a list of it. */
const policySchema = z.strictObject({
  forward: z
    .union(
      [
        forwardText.transform((one) => [one]),
        forwardPort.transform((one) => [one]),
        z.array(z.union([forwardText, forwardPort], { error: notForward })),
      ],
      { error: notForward },
    )
    .optional()
    .meta({
      description:
        'Ports of the sandbox’s loopback that lead to a port outside, as the runner’s process would reach it: `5432` (the host’s own), `db.internal:5432`, `15432:db.internal:5432` (another port inside). `auto`: what variables such as `DATABASE_URL` name on `localhost`.',
      fallback: 'none',
    }),
  allow: z
    .union([allowedText.transform((one) => [one]), z.array(allowedText)], {
      error: 'is not NAME:PORT or a list of them',
    })
    .optional()
    .meta({
      description:
        'Hosts outside that may be reached by name: `api.example.com:443`, `*.example.com:443`, `*.internal:*` (any port). Every other name is refused at once.',
      fallback: 'none',
    }),
  onBlocked: z.enum(['report', 'fail']).optional().meta({
    description:
      'What a file that tried a name that is not allowed gets: a line in the report, or a verdict that fails it.',
    fallback: 'report',
  }),
  latency: quantity({
    value: 'duration',
    expected: 'a duration such as 50ms, or milliseconds as a number',
    parse: parseDuration,
    min: 0,
    max: 60_000,
  })
    .optional()
    .meta({
      description: 'How long every packet takes, each way, on the loopback and where that leads.',
      fallback: 'none',
    }),
  loss: quantity({
    value: 'number',
    expected: 'a share such as 0.01 or 1%',
    parse: parseShare,
    min: 0,
    max: 1,
  })
    .optional()
    .meta({
      description:
        'How many packets are lost, from 0 to 1, or as `1%`. TCP sends them again, which takes time.',
      fallback: 'none',
    }),
  bandwidth: quantity({
    value: 'size',
    expected: 'a size such as 1MB, or bytes as a number',
    parse: parseBytes,
    min: 1,
    max: 2 ** 32 - 1,
  })
    .optional()
    .meta({ description: 'How much passes in a second, each way.', fallback: 'what the host has' }),
  dns: z.enum(['fail', 'silent']).optional().meta({
    description:
      '`fail`: every lookup fails for now (EAI_AGAIN), as with a resolver that is broken; `silent`: nobody answers.',
    fallback: 'works',
  }),
})

export const networkSchema: z.ZodType<ParsedNetwork, 'none' | 'host' | NetworkOptions> = z.union(
  [z.enum(['none', 'host']), policySchema],
  {
    error:
      'is not one of none, host, nor an object of forward, allow, onBlocked, latency, loss, bandwidth, dns',
  },
)
