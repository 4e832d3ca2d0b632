import { type AllowedName, type Forward, parseAllowed } from '../config/network-targets.js'
import type { ParsedNetwork } from '../config/parsed-options.js'
import type { NetworkPolicy } from './profile.js'

export type NetworkKind = 'none' | 'host' | 'policy'

export function networkKind(network: ParsedNetwork | NetworkPolicy): NetworkKind {
  return typeof network === 'string' ? network : 'policy'
}

/** `env`: the variables that `auto` looks at. Pure. */
export function resolveNetwork(
  network: ParsedNetwork,
  env: Readonly<Record<string, string | undefined>>,
): NetworkPolicy {
  if (typeof network === 'string') return network
  const { forward = [], allow = [], onBlocked = 'report', latency, loss, bandwidth, dns } = network
  const emulation = { latency, loss, bandwidth, dns }
  const emulates = Object.values(emulation).some((value) => value !== undefined)
  const named = forward.filter((entry) => entry !== 'auto')
  const found = forward.includes('auto') ? findServices(env) : { forward: [], allow: [] }
  return {
    forward: onePerPort([...named, ...found.forward]),
    allow: [...allow, ...found.allow],
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
/** What is there on other hosts as well, but for tests not of their own accord. */
const web = ['http', 'https']

interface Place {
  host: string
  port: number
}

/**
 * The services that variables name. Those on the host's loopback are forwarded: the same port inside then reaches them, so that the
 * variables need not change. Those on other hosts are allowed by their names; web sites, and what has but an address, are not. Pure.
 */
export function findServices(env: Readonly<Record<string, string | undefined>>): {
  forward: Forward[]
  allow: AllowedName[]
} {
  const places = [...placesOfUrls(env), ...placesOfPairs(env)]
  const [local, remote] = [places.filter(isLocal), places.filter((place) => !isLocal(place))]
  const names = remote.map(({ host, port }) => parseAllowed(`${host}:${port}`))
  return {
    forward: onePerPort(local.map(({ port }) => ({ port, host: 'localhost', hostPort: port }))),
    allow: names.filter((name) => typeof name !== 'string').filter(isFirst),
  }
}

function isLocal({ host }: Place): boolean {
  return localHosts.includes(host)
}

function isFirst(one: AllowedName, index: number, all: readonly AllowedName[]): boolean {
  return all.findIndex(({ name, port }) => name === one.name && port === one.port) === index
}

function placesOfUrls(env: Readonly<Record<string, string | undefined>>): Place[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && serviceUrl.test(name) ? placesOf(value) : [],
  )
}

function placesOf(url: string): Place[] {
  // A driver may be named in the scheme (`postgresql+psycopg`), and a cluster has several hosts.
  const [, scheme = '', hosts = ''] =
    /^([a-z][a-z\d]*)(?:\+[a-z\d]+)?:\/\/(?:[^/@?#]*@)?([^/?#]+)/i.exec(url) ?? []
  const usual = usualPorts[scheme.toLowerCase()]
  return hosts.split(',').flatMap((text) => {
    const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(text.toLowerCase()) ?? []
    const places = placesAt(host, port ?? String(usual))
    return places.filter(
      (place) => isLocal(place) || (usual !== undefined && !web.includes(scheme.toLowerCase())),
    )
  })
}

function placesOfPairs(env: Readonly<Record<string, string | undefined>>): Place[] {
  return Object.entries(env).flatMap(([name, host]) => {
    const port = env[name.replace(/HOST$/, 'PORT')]
    return /HOST$/.test(name) && host !== undefined && port !== undefined
      ? placesAt(host.toLowerCase(), port)
      : []
  })
}

function placesAt(host: string, text: string): Place[] {
  const port = Number(text)
  return host !== '' && Number.isInteger(port) && port >= 1 && port <= 65535 ? [{ host, port }] : []
}
