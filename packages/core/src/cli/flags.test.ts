import { expect, test } from 'vitest'
import type { GloveboxOptions } from '../config/options.js'
import { optionsOf, type RunFlags } from './flags.js'
import { runCommand } from './run-command.js'

/** What commander and `optionsOf` make of a command line typed in /work. */
function parse(...args: string[]): GloveboxOptions {
  let flags: RunFlags = {}
  runCommand()
    .action((_, parsed: RunFlags) => {
      flags = parsed
    })
    .configureOutput({ writeErr: () => {} })
    .parse([...args, '--', 'true'], { from: 'user' })
  return optionsOf(flags, '/work')
}

test('without flags only what sets a command apart from a test file is given', () => {
  expect(parse()).toEqual({
    limits: { memory: 'none', pids: 'none', timeout: 'none' },
    filesystem: { project: 'direct' },
    env: { set: [], keep: [] },
  })
})

test('--forward and --allow make a network policy', () => {
  expect(parse('--forward', '5432', '--forward', '80:web:8080', '--allow', 'a.example:443').network).toEqual({
    forward: ['5432', '80:web:8080'],
    allow: ['a.example:443'],
  })
  expect(() => parse('--network', 'host', '--forward', '5432')).toThrow(
    '--forward 5432: it has no meaning with --network host',
  )
  expect(parse('--latency', '50ms', '--loss', '1%', '--bandwidth', '1MB', '--dns', 'fail').network).toEqual({
    latency: '50ms',
    loss: '1%',
    bandwidth: '1MB',
    dns: 'fail',
  })
  expect(() => parse('--network', 'host', '--dns', 'fail')).toThrow('--dns fail: it has no meaning')
})

test('every flag becomes the option of the same meaning', () => {
  const words =
    '--memory 256MiB --swap 1MiB --cpus 0.5 --cpu-weight 50 --cpuset 0-1 --pids 64 --timeout 30s --disk 1GiB --open-files 99 ' +
    '--file-size 1MiB --core-size 0 --stack-size 8MiB --hugetlb 2MB=64MiB --network host --hostname box --project overlay ' +
    '--writable out --readonly /opt --hide secret --clock-offset 2h --cwd sub --env A=1 --env B --clean-env --user root ' +
    '--umask 077 --nested-sandboxes --io-uring --capabilities none --on-unsupported warn'
  expect(parse(...words.split(' '), '--io', '8:0 readBps=1MiB')).toEqual({
    limits: {
      memory: '256MiB',
      swap: '1MiB',
      cpus: '0.5',
      cpuWeight: '50',
      cpuset: '0-1',
      pids: '64',
      timeout: '30s',
      disk: '1GiB',
      openFiles: '99',
      fileSize: '1MiB',
      coreSize: '0',
      stackSize: '8MiB',
      hugetlb: ['2MB=64MiB'],
      io: ['8:0 readBps=1MiB'],
    },
    network: 'host',
    hostname: 'box',
    filesystem: { project: 'overlay', writable: ['/work/out'], readonly: ['/opt'], hide: ['/work/secret'] },
    time: { monotonic: '2h', boottime: '2h' },
    env: { base: 'clean', set: ['A=1'], keep: ['B'] },
    user: 'root',
    umask: '077',
    nestedSandboxes: true,
    ioUring: true,
    capabilities: 'none',
    onUnsupported: 'warn',
  })
})

test.each<[docker: string, own: string]>([
  ['-m 4G --memory-swap 4G', '--memory 4G --swap 0'],
  ['-m 4G --memory-swap 5G', `--memory 4G --swap ${2 ** 30}`],
  ['--cpus 8 --cpu-period 1000000', '--cpu-quota 8000000 --cpu-period 1000000'],
  ['--cpuset-cpus 0-1', '--cpuset 0-1'],
  ['--pids-limit 64', '--pids 64'],
  ['--pids-limit -1', '--pids none'],
  ['-m 1G --memory-swap -1', `-m 1G --swap ${Number.MAX_SAFE_INTEGER}`],
  ['--cpu-shares 512', '--cpu-weight 50'],
  ['-h box', '--hostname box'],
  ['-e A=1', '--env A=1'],
  ['--net host', '--network host'],
])('Docker’s %s means %s', (docker, own) => {
  expect(normalised(parse(...docker.split(' ')))).toEqual(normalised(parse(...own.split(' '))))
})

test('a clock may be moved alone', () => {
  expect(parse('--clock-offset', 'boottime=1d', '--clock-offset', 'monotonic=5s').time).toEqual({
    boottime: '1d',
    monotonic: '5s',
  })
})

test('a root has no project of the host’s, and lies where it was typed', () => {
  expect(parse('--root', 'rootfs')).toMatchObject({ root: '/work/rootfs', filesystem: {} })
})

test.each<[line: string, message: RegExp]>([
  ['--memory-swap 1G', /--memory-swap 1G: it needs --memory/],
  ['-m 2G --memory-swap 1G', /--memory-swap 1G: .*must not be less/],
  ['--cpu-shares 1', /--cpu-shares 1: a whole number from 2/],
  ['--cpu-quota 5', /--cpu-quota 5: microseconds/],
  ['--cpu-period fast --cpus 1', /--cpu-period fast: microseconds/],
  ['--pids 4 --pids-limit 4', /cannot be used with/],
  ['--cpus 1 --cpu-quota 5000', /cannot be used with/],
  ['--network bridge', /Allowed choices are none, host/],
  ['--memroy 1G', /Did you mean --memory/],
])('%s is refused', (line, message) => {
  expect(() => parse(...line.split(' '))).toThrow(message)
})

/** Numbers as text, as both may stand in options. */
function normalised(options: GloveboxOptions): unknown {
  return JSON.parse(
    JSON.stringify(options, (_, value) => (typeof value === 'number' ? String(value) : value)),
  )
}
