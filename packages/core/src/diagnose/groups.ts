import { mergeOptions } from '../config/merge.js'
import type { Orders, Perturbation } from './perturbation.js'

/**
 * Changes that hardly hide one another, made together: what none of them breaks need not be tried one by one. Every list has at most one of
 * a kind. Pure.
 */
export function groupsOf(perturbations: readonly Perturbation[]): Perturbation[] {
  return groups.flatMap((ids, index): Perturbation[] => {
    const members = perturbations.filter(({ id }) => ids.some((each) => each.test(id)))
    if (members.length < 2) return []
    const changes = members.map(({ change }) => change)
    return [
      {
        id: `group=${index + 1}`,
        dimension: 'null',
        label: 'with many changes at once',
        wave: 0,
        first: 2,
        change: {
          options: mergeOptions(...changes.map(({ options }) => options ?? {})),
          inside: Object.assign({}, ...changes.map(({ inside }) => inside)) as Orders,
        },
        members: members.map(({ id }) => id),
      },
    ]
  })
}

const groups = [
  [
    /^hostname=/,
    /^tz=Pacific/,
    /^locale=de/,
    /^env=minimal$/,
    /^umask=/,
    /^uptime=/,
    /^date=month-end$/,
    /^memory=128MiB$/,
    /^network=none$/,
  ],
  [
    /^tz=America/,
    /^locale=tr/,
    /^env=(no-)?ci$/,
    /^date=leap-day$/,
    /^pids=/,
    /^open-files=/,
    /^disk=/,
    /^leftovers=foreign$/,
  ],
  [/^date=new-year$/, /^ports=/, /^leftovers=own$/, /^io=/],
  [/^date=far$/, /^memory=(?!128MiB)/, /^network=host$/],
]
