import { arm } from './making.js'
import type { Perturbation } from './perturbation.js'
import type { Circumstances } from './perturbations.js'

/** What else runs it, and what runs beside it or ran before. */
export function neighbours({ predecessors = [], beside = [], nodes = [] }: Circumstances): Perturbation[] {
  const alone = 'worker=own'
  return [
    arm('copies', 'copies=2', 'beside one more of itself, with a common directory for temporary files', {
      copies: 2,
    }),
    ...(predecessors.length === 0
      ? []
      : [
          // A control, compared with nothing but what follows, and tried when that fails.
          {
            ...arm('company', alone, 'in a worker of its own', { company: [] }),
            against: alone,
            first: 6,
          },
          {
            ...arm(
              'company',
              'worker=shared',
              `after ${predecessors.length} other files in the same worker`,
              {
                company: predecessors,
              },
            ),
            against: alone,
            // As long as all of them together; what they leave behind in a process is seldom a matter of chance.
            first: 1,
          },
        ]),
    ...(beside.length === 0 ? [] : [besideArm(beside)]),
    ...nodes.map(nodeArm),
  ]
}

/** `files`: relative to the runner's root. */
export function besideArm(files: readonly string[]): Perturbation {
  const names = files.join(',')
  const label = `together with ${names.replaceAll(',', ', ')}`
  return arm('together', `with=${names}`, label, { beside: files })
}

export function nodeArm(node: string): Perturbation {
  return arm('node', `node=${node}`, `with ${node} as its Node.js`, { node })
}
