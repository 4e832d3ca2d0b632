import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'vitest'

const { RUNNER_PID, HOST_PORT, HOST_ABSTRACT, HOST_SOCKET, GLOVEBOX_TEST_RUN } = process.env
const run = promisify(execFile)
/** Of whichever version of cgroups the host has. */
const procs = ['/sys/fs/cgroup/memory/cgroup.procs', '/sys/fs/cgroup/cgroup.procs'].find(existsSync)

/** Every attempt does something that works on the host; its outcome, `ok` or an error's code, goes into the report. */
const attempts = {
  'signal the runner': () => process.kill(Number(RUNNER_PID), 0),
  'read the environment of the runner': () => readFileSync(`/proc/${RUNNER_PID}/environ`),
  'reach the root directory of the runner': () => accessSync(`/proc/${RUNNER_PID}/root`, constants.R_OK),
  "connect to a port of the host's loopback": () => reach({ host: '127.0.0.1', port: Number(HOST_PORT) }),
  'connect to an abstract socket of the host': () => reach({ path: `\0${HOST_ABSTRACT}` }),
  'connect to a socket below /tmp': () => reach({ path: HOST_SOCKET }),
  'read ~/.ssh': () => readFileSync(join(homedir(), '.ssh/id_gbtest')),
  'make a user namespace': () => command('unshare', '--user', '--map-root-user', 'true'),
  'make a user namespace and mount in it': () =>
    command('unshare', '--user', '--map-root-user', '--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt'),
}

const attemptsOfRoot = {
  'write into /etc': () => withFile('/etc/gbtest'),
  'write below /usr': () => withFile('/usr/gbtest'),
  'write a kernel setting': () => {
    const setting = '/proc/sys/kernel/printk_ratelimit'
    writeFileSync(setting, readFileSync(setting))
  },
  'write into the root cgroup': () => accessSync(procs, constants.W_OK),
  'make a device node': async () => {
    await command('mknod', `/tmp/gbtest-${GLOVEBOX_TEST_RUN}`, 'b', '254', '0')
    rmSync(`/tmp/gbtest-${GLOVEBOX_TEST_RUN}`)
  },
  'mount a file system': () => command('unshare', '--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt'),
  'enter the mount namespace of the runner': () =>
    command('nsenter', '--target', RUNNER_PID, '--mount', 'true'),
  'enter the UTS namespace of the runner': () => command('nsenter', '--target', RUNNER_PID, '--uts', 'true'),
}

for (const [name, attempt] of Object.entries({
  ...attempts,
  ...(process.getuid() === 0 ? attemptsOfRoot : {}),
})) {
  test(name, async ({ task }) => {
    task.meta.outcome = await outcomeOf(attempt)
  })
}

test('what the kernel says of this process', ({ task }) => {
  task.meta.status = Object.fromEntries(
    readFileSync('/proc/self/status', 'utf8')
      .split('\n')
      .map((line) => line.split(/:\s+/)),
  )
})

async function outcomeOf(attempt) {
  try {
    await attempt()
    return 'ok'
  } catch (error) {
    return `${error.code} ${error.stderr ?? ''}`.trim()
  }
}

function command(file, ...args) {
  return run(file, args, { env: { ...process.env, LC_ALL: 'C' } })
}

function withFile(directory) {
  const path = `${directory}-${GLOVEBOX_TEST_RUN}`
  writeFileSync(path, 'escaped')
  rmSync(path)
}

function reach(target) {
  return new Promise((resolve, reject) => {
    const socket = connect(target, () => resolve(socket.destroy()))
    socket.on('error', reject)
  })
}
