// @ts-check
/** The kept corpora of the fuzzers. Of the decoder's: one frame of each request, with every key, and some that must be refused. */
import { mkdirSync, writeFileSync } from 'node:fs'

/** @param {readonly string[]} records */
export const frame = (records) => {
  const payload = Buffer.from(records.map((record) => `${record}\0`).join(''))
  const header = Buffer.alloc(4)
  header.writeUInt32LE(payload.length)
  return Buffer.concat([header, payload])
}

const create = [
  'type=create',
  'id=2',
  'sandbox=s-1',
  'hostname=glovebox',
  'network=none',
  'user=caller',
  'stdio=socket',
  'channel=1',
  'time.monotonic=-5',
  'time.boottime=86400',
  'scratch.size=1073741824',
  'scratch.inodes=100000',
  'rlimit.nofile=1024',
  'rlimit.core=0',
  'mount=bind',
  'mount.source=/',
  'mount.target=/',
  'mount.readonly=1',
  'mount=overlay',
  'mount.source=/p',
  'mount.target=/p',
  'mount=scratch',
  'mount.target=/tmp',
  'mount.mode=1777',
  'mount=mask',
  'mount.target=/root/.ssh',
  'mount.optional=1',
  'mount=file',
  'mount.target=/etc/hosts',
  'mount.content=127.0.0.1 localhost\n',
  'mount=proc',
  'mount.target=/proc',
  'mount=dev',
  'mount.target=/dev',
  'mount=cgroup',
  'mount.target=/sys/fs/cgroup',
  'limit.memory=268435456',
  'limit.swap=0',
  'limit.cpu.quota=50000',
  'limit.cpu.period=100000',
  'limit.cpu.weight=100',
  'limit.cpuset=0-1,3',
  'limit.pids=512',
  'limit.io=8:0 rbps=1 wbps=2 riops=3 wiops=4',
  'limit.io=8:16 wbps=2',
  'limit.hugetlb=2MB=4194304',
  'limit.timeout=300000',
  'seccomp=default',
  'permit.namespaces=1',
  'permit.ioUring=0',
  'capabilities=none',
]

const policy = create.flatMap((record) =>
  record === 'network=none'
    ? ['network=policy', 'network.forward=5432 db.internal 5432', 'network.allow=*.example.com 443']
    : [record],
)

/** @type {Record<string, Buffer>} */
export const corpus = {
  hello: frame(['type=hello', 'id=1', 'protocol=1', 'runDir=/tmp/glovebox-x', 'socket=/tmp/glovebox-x/s']),
  create: frame(create),
  policy: frame(policy),
  start: frame([
    'type=start',
    'id=3',
    'sandbox=s-1',
    'arg=/bin/sh',
    'arg=-c',
    'arg=',
    'env=A=b=c',
    'cwd=/',
    'umask=022',
  ]),
  limits: frame(['type=limits', 'id=4', 'sandbox=s-1', 'limit.memory=1', 'limit.timeout=0']),
  usage: frame(['type=usage', 'id=5', 'sandbox=s-1']),
  signal: frame(['type=signal', 'id=6', 'sandbox=s-1', 'signal=15']),
  kill: frame(['type=kill', 'id=7', 'sandbox=s-1', 'cause=bail']),
  changes: frame(['type=changes', 'id=8', 'sandbox=s-1']),
  export: frame([
    'type=export',
    'id=9',
    'sandbox=s-1',
    'target=/p',
    'path=a',
    'path=b/c',
    'directory=/tmp/x',
  ]),
  destroy: frame(['type=destroy', 'id=10', 'sandbox=s-1']),
  template: frame(['type=template', 'id=12', 'template=t', 'arg=node', 'env=A=b', 'cwd=/']),
  retire: frame(['type=retire', 'id=13', 'template=t']),
  probe: frame(['type=probe', 'id=11', 'feature=overlay']),
  two: Buffer.concat([
    frame(['type=pause', 'id=1', 'sandbox=a']),
    frame(['type=resume', 'id=2', 'sandbox=a']),
  ]),
  oversized: Buffer.from([0xff, 0xff, 0xff, 0x7f, 0x41]),
  unknown: frame(['type=explode', 'id=1']),
  unterminated: Buffer.from([4, 0, 0, 0, 0x74, 0x79, 0x70, 0x65]),
  overflow: frame(['type=limits', 'id=18446744073709551616', 'sandbox=s']),
}

/**
 * A query as a C library sends it.
 * @param {string} name
 * @param {number} type
 */
const query = (name, type) => {
  const labels = name.split('.').map((label) => `${String.fromCharCode(label.length)}${label}`)
  const header = Buffer.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0])
  return Buffer.concat([header, Buffer.from(`${labels.join('')}\0`, 'latin1'), Buffer.from([0, type, 0, 1])])
}

/** @type {Record<string, Buffer>} */
export const dnsCorpus = {
  a: query('db.example.com', 1),
  aaaa: query('API.Example.com', 28),
  local: query('app.localhost', 1),
  long: query(Array.from({ length: 7 }, (_, index) => `${index}`.repeat(35)).join('.'), 1),
  odd: query('a b.*\u00e4', 1),
  pointer: Buffer.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1]),
  short: query('db', 1).subarray(0, 15),
  response: Buffer.from([0x12, 0x34, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1]),
}

const [target, dnsTarget] = process.argv.slice(2)
for (const [directory, files] of /** @type {const} */ ([
  [target, corpus],
  [dnsTarget, dnsCorpus],
])) {
  if (directory === undefined) continue
  mkdirSync(directory, { recursive: true })
  for (const [name, bytes] of Object.entries(files)) writeFileSync(`${directory}/${name}`, bytes)
}
