import type { Forward } from '../config/network-targets.js'
import type { ParsedNetwork } from '../config/options.js'
import type { NetworkPolicy } from './profile.js'

export type NetworkKind = 'none' | 'host' | 'policy'

export function networkKind(network: ParsedNetwork | NetworkPolicy): NetworkKind {
  return typeof network === 'string' ? network : 'policy'
}

/** `env`: the worker's environment, which `auto` looks at. Pure. */
export function resolveNetwork(network: ParsedNetwork, env: Readonly<Record<string, string>>): NetworkPolicy {
  if (typeof network === 'string') return network
  const { forward = [], allow = [], onBlocked = 'report', latency, loss, bandwidth, dns } = network
  const emulation = { latency, loss, bandwidth, dns }
  const emulates = Object.values(emulation).some((value) => value !== undefined)
  const named = forward.filter((entry) => entry !== 'auto')
  const found = forward.includes('auto') ? findForwards(env) : []
  return {
    forward: onePerPort([...named, ...found]),
    allow: [...allow],
    onBlocked,
    ...(emulates && { emulation }),
  }
}

/** Of one port the first entry counts: what the user wrote goes before what was found. */
function onePerPort(forwards: readonly Forward[]): Forward[] {
  return forwards.filter(({ port }, index) => forwards.findIndex((other) => other.port === port) === index)
}

/** Ports that a URL without one means. */
const usualPorts: Readonly<Record<string, number>> = {
  amqp: 5672,
  amqps: 5671,
  http: 80,
  https: 443,
  mariadb: 3306,
  mongodb: 27017,
  mysql: 3306,
  nats: 4222,
  postgres: 5432,
  postgresql: 5432,
  redis: 6379,
  rediss: 6379,
}

/** Variables that name a service: `DATABASE_URL`, `TEST_REDIS_URI`, `PGHOST` with `PGPORT` … */
const serviceUrl = /(^|_)(URL|URI|DSN)$/
const localHosts = ['localhost', '127.0.0.1', '[::1]', '::1']

/**
 * The services of the host that variables name, if they lie on its loopback: the same port inside then reaches them, so that the
 * variables need not change. Pure.
 */
export function findForwards(env: Readonly<Record<string, string>>): Forward[] {
  const urls = Object.entries(env).flatMap(([name, value]) => (serviceUrl.test(name) ? portOfUrl(value) : []))
  const pairs = Object.entries(env).flatMap(([name, value]) => {
    const port = env[name.replace(/HOST$/, 'PORT')]
    return /HOST$/.test(name) && localHosts.includes(value) && port !== undefined ? validPort(port) : []
  })
  return onePerPort([...urls, ...pairs].map((port) => ({ port, host: 'localhost', hostPort: port })))
}

function portOfUrl(text: string): number[] {
  // A driver may be named in the scheme (`postgresql+psycopg`), and a cluster has several hosts.
  const [, scheme = '', hosts = ''] =
    /^([a-z][a-z\d]*)(?:\+[a-z\d]+)?:\/\/(?:[^/@?#]*@)?([^/?#]+)/i.exec(text) ?? []
  return hosts.split(',').flatMap((host) => {
    const [, name = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(host) ?? []
    if (!localHosts.includes(name.toLowerCase())) return []
    const usual = usualPorts[scheme.toLowerCase()]
    return port !== undefined ? validPort(port) : usual === undefined ? [] : [usual]
  })
}

function validPort(text: string): number[] {
  const port = Number(text)
  return Number.isInteger(port) && port >= 1 && port <= 65535 ? [port] : []
}
