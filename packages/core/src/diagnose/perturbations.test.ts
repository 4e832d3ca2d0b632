import { expect, test } from 'vitest'
import { type Circumstances, perturbationCalled, perturbationsFor } from './perturbations.js'
import { choosePredecessors } from './predecessors.js'

const circumstances: Circumstances = {
  runner: 'vitest',
  env: { PATH: '/usr/bin', SERVICE: 'x' },
  source: 'process.env.SERVICE',
  seen: { ports: [], talks: false, services: [], leftovers: [] },
  network: 'none',
  named: false,
}
const idsOf = (more: Partial<Circumstances>) =>
  perturbationsFor({ ...circumstances, ...more }).map(({ id }) => id)

test('every change has a name of its own, by which it is found again', () => {
  const all = perturbationsFor({
    ...circumstances,
    seen: { ports: [80], talks: true, services: [5432], leftovers: [{ path: '/tmp/x', mode: 0o644 }] },
    usage: { memoryPeak: 300 << 20, wall: 1 },
    predecessors: ['/p/a.test.ts'],
    nodes: ['/opt/node'],
    named: true,
  })
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  for (const { id, change } of all)
    expect(perturbationCalled(id, circumstances)?.change ?? change).toEqual(change)
})

test('the network is changed to what the file has not, and made worse only where it is used and is no host’s', () => {
  const network = (more: Partial<Circumstances>) => idsOf(more).filter((id) => id.startsWith('network='))
  const talking = { ...circumstances.seen, talks: true }
  expect(network({})).toEqual(['network=host'])
  expect(network({ seen: talking })).toEqual(['network=host', 'network=slow', 'network=no-dns'])
  expect(network({ network: 'host', seen: talking })).toEqual(['network=none'])
  expect(network({ network: 'policy' })).toHaveLength(4)
})

test('memory is capped by half as much again as was used, and never below what a bare worker needs', () => {
  const memory = (peak: number) =>
    idsOf({ usage: { memoryPeak: peak << 20, wall: 1 } }).filter((id) => id.startsWith('memory='))
  expect(memory(300)).toEqual(['memory=128MiB', 'memory=450MiB'])
  expect(memory(20)).toEqual(['memory=128MiB', 'memory=96MiB'])
})

test('a limit of any size, a seed, a network and another Node.js can be asked for by name', () => {
  expect(perturbationCalled('memory=93MiB', circumstances)).toMatchObject({
    label: 'with 93 MiB of memory',
    change: { options: { limits: { memory: '93MiB' } } },
  })
  expect(perturbationCalled('cpus=0.3', circumstances)?.dimension).toBe('cpu')
  expect(perturbationCalled('network=no-dns', circumstances)?.dimension).toBe('network')
  expect(perturbationCalled('random=seed:4', circumstances)?.change).toEqual({ inside: { seed: 4 } })
  expect(perturbationCalled('node=/opt/node', circumstances)?.change).toEqual({ node: '/opt/node' })
  expect(perturbationCalled('memory=lots', circumstances)).toBeUndefined()
})

test('a file with a single test has no other order', () => {
  expect(idsOf({ tests: 1 })).not.toContain('order=shuffled')
  expect(idsOf({ tests: 2 })).toContain('order=shuffled')
})

test('files of a shared worker are compared with a worker of the same kind', () => {
  const all = perturbationsFor({ ...circumstances, predecessors: ['/p/a.test.ts'] })
  expect(all.find(({ id }) => id === 'worker=shared')).toMatchObject({
    against: 'worker=own',
    change: { company: ['/p/a.test.ts'] },
  })
  expect(idsOf({})).not.toContain('worker=own')
})

test('of the files beside it, the nearest before it by name run first, and as many as may', () => {
  const names = [
    'h.test.ts',
    'a.test.ts',
    'a.spec.ts',
    'helper.ts',
    ...'bcdefg'.split('').map((n) => `${n}.test.ts`),
  ]
  const chosen = (own: string) =>
    choosePredecessors(own, names)
      .map((name) => name[0])
      .join('')
  expect(chosen('h.test.ts')).toBe('bcdefg')
  expect(chosen('b.test.ts')).toBe('cdefga')
  expect(chosen('a.spec.ts')).toBe('')
})
