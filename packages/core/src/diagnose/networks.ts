import { by, within } from './making.js'
import type { Perturbation } from './perturbation.js'
import type { Circumstances } from './perturbations.js'

const all: readonly Perturbation[] = [
  by('network', 'network=none', 'without a network', { network: 'none' }),
  by('network', 'network=host', 'on the host’s network', { network: 'host' }),
  by('network', 'network=slow', 'with a latency of 200 ms each way', { network: { latency: '200ms' } }),
  by('network', 'network=no-dns', 'while no name can be resolved', { network: { dns: 'fail' } }),
]

export function networkCalled(id: string): Perturbation | undefined {
  return all.find((each) => each.id === id)
}

/** Not what the file has anyway, and faults only where it uses a network that can have some: the host’s cannot. */
export function networks({ seen, network }: Circumstances): Perturbation[] {
  const faults = network !== 'host' && (seen.talks || network === 'policy')
  const left = [`network=${network}`, ...(faults ? [] : ['network=slow', 'network=no-dns'])]
  return [
    // First: what is lost without a network may be this alone.
    ...(seen.services.length === 0
      ? []
      : [
          within('services', 'services=down', `while nothing answers on port ${seen.services.join(', ')}`, {
            refuse: seen.services,
          }),
        ]),
    ...all.filter(({ id }) => !left.includes(id)),
  ]
}
