/** How often a change is blamed where all fails by chance alone, in simulated experiments; SIMULATIONS=300 makes so many for each failure rate. */
import { expect, test } from 'vitest'
import { conclude } from './conclude.js'
import { perturbationsFor } from './perturbations.js'
import { generator, simulate } from './simulated.fixture.js'

const simulations = Number(process.env.SIMULATIONS ?? 6)

const perturbations = perturbationsFor({
  runner: 'vitest',
  env: { PATH: '/usr/bin', SERVICE: 'x' },
  source: 'process.env.SERVICE',
  seen: { ports: [4710], talks: true, services: [5432], leftovers: [{ path: '/tmp/x', mode: 0o644 }] },
  network: 'policy',
  usage: { memoryPeak: 20 << 20, wall: 1 },
  named: true,
  predecessors: ['/p/a.test.ts'],
})

test.each([0.01, 0.05, 0.2, 0.4])(
  'of a hundred files that fail by chance, with a probability of %d, one is said to depend on something at most',
  (rate) => {
    const kinds = Array.from({ length: simulations }, (_, seed) => {
      const random = generator(seed)
      return conclude(
        simulate(perturbations, () => random() < rate),
        true,
        undefined,
      ).kind
    })
    expect(kinds.filter((kind) => kind === 'depends').length).toBeLessThanOrEqual(simulations / 100)
  },
  600_000,
)
