/** Docker's spellings set the same limits as our own. */
import { describe, expect, test } from 'vitest'
import { requires } from '../harness/requires.js'
import { glovebox, usageOf } from './cli.js'

const limitsWith = async (flags: string): Promise<unknown> =>
  usageOf(await glovebox(`${flags} --usage=json`, ['true'])).limits

describe('as root', () => {
  requires('root')

  test.each([
    ['-m 4G', '--memory 4GiB', { memory: 2 ** 32 }],
    ['-m 1G --memory-swap 1G', '--memory 1GiB --swap 0', { memory: 2 ** 30, swap: 0 }],
    ['-m 1g --memory-swap 2g', '--memory 1GiB --swap 1GiB', { swap: 2 ** 30 }],
    [
      '--cpu-period 50000 --cpu-quota 25000',
      '--cpus 0.5 --cpu-period 50000',
      { cpus: 0.5, cpuPeriod: 50000 },
    ],
    [
      '--cpu-period 1000000 --cpu-quota 2000000',
      '--cpus 2 --cpu-period 1000000',
      { cpus: 2, cpuPeriod: 1000000 },
    ],
    ['-m 1g --memory-swap -1', `--memory 1GiB --swap ${Number.MAX_SAFE_INTEGER}`, { memory: 2 ** 30 }],
    ['--pids-limit -1', '--pids none', {}],
    ['--cpuset-cpus 0', '--cpuset 0', { cpuset: '0' }],
    ['--pids-limit 64', '--pids 64', { pids: 64 }],
    ['--cpu-shares 2048', '--cpu-weight 200', { cpuWeight: 200 }],
  ])('%s is %s', async (docker, own, expected) => {
    const limits = await limitsWith(docker)
    expect(limits).toMatchObject(expected)
    expect(limits).toEqual(await limitsWith(own))
  })

  test('-h, -e, -w and --net are --hostname, --env, --cwd and --network', async () => {
    const { stdout } = await glovebox('-h box -e A=1 -w /usr --net none', [
      'sh',
      '-c',
      'hostname; echo $A; pwd',
    ])
    expect(stdout).toBe('box\n1\n/usr\n')
  })
})
