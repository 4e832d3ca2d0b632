import { expect, test } from 'vitest'
import { z } from 'zod'
import { parseFileOptions } from './parse.js'
import { fileOptionsSchema } from './schema.js'
import { settings, settingsToOptions } from './settings.js'

/** A valid value of every setting. */
const samples: Record<string, string> = {
  memory: '256MiB',
  swap: '1MiB',
  cpus: '0.5',
  'cpu-period': '50ms',
  'cpu-weight': '50',
  cpuset: '0',
  pids: '64',
  timeout: '30s',
  disk: '64MiB',
  'open-files': '256',
  'file-size': '1MiB',
  'core-size': '0',
  'stack-size': '8MiB',
  io: '8:0 readBps=1MiB',
  hugetlb: '2MB=2MiB',
  network: 'host',
  forward: '5432',
  allow: 'api.example.com:443',
  'on-blocked': 'fail',
  latency: '50ms',
  loss: '1%',
  bandwidth: '1MB',
  dns: 'fail',
  hostname: 'box',
  project: 'readonly',
  persist: 'out/**',
  'strict-writes': 'fail',
  hide: '~/.secret',
  writable: '/var/cache',
  readonly: '/opt',
  root: '/rootfs',
  user: 'root',
  env: 'clean',
  'env-set': 'TZ=UTC',
  'env-unset': 'AWS_*',
  'env-keep': 'PUBLIC_KEY',
  'nested-sandboxes': 'true',
  'io-uring': 'true',
  capabilities: 'none',
  umask: '022',
  'time-monotonic': '1h',
  'time-boottime': '1h',
  leaks: 'fail',
}

test.each(settings)('$name has a textual form', ({ name, path }) => {
  const options = parseFileOptions(settingsToOptions([{ name, value: samples[name] ?? '' }]), name)
  expect(path.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], options)).toBeDefined()
})

test('every option that may differ from file to file is a setting', () => {
  const schema = z.toJSONSchema(fileOptionsSchema, { io: 'input' }) as unknown as Node
  const paths = new Set(settings.map((setting) => setting.path.join('.')))
  expect(leaves(schema).filter((path) => !paths.has(path))).toEqual([])
})

interface Node {
  properties?: Record<string, Node>
  anyOf?: Node[]
}

/** Paths of all options that hold no further ones. */
function leaves(node: Node, path: string[] = []): string[] {
  const properties = [node, ...(node.anyOf ?? [])].flatMap((branch) =>
    Object.entries(branch.properties ?? {}),
  )
  return properties.length === 0
    ? [path.join('.')]
    : properties.flatMap(([key, inner]) => leaves(inner, [...path, key]))
}

test('of repeated settings lists add up, and otherwise the last counts', () => {
  const entries = [
    { name: 'hide', value: 'a' },
    { name: 'hide', value: 'b' },
    { name: 'memory', value: '1' },
    { name: 'memory', value: '2' },
    { name: 'network', value: 'host' },
  ]
  expect(settingsToOptions(entries)).toEqual({
    filesystem: { hide: ['a', 'b'] },
    limits: { memory: '2' },
    network: 'host',
  })
  const network = [
    { name: 'network', value: 'none' },
    { name: 'forward', value: '1' },
    { name: 'forward', value: '2' },
  ]
  expect(settingsToOptions(network)).toEqual({ network: { forward: ['1', '2'] } })
})
