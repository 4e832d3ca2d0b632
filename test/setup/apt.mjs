// @ts-check
/**
 * Debian packages that some tests need. They are installed only where that works without asking (root, apt-get there) and only if
 * missing; elsewhere the tests in question skip with the reason.
 */
import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Package → shell command that succeeds where what the tests want of it is there, from whatever source. */
const wanted = /** @type {const} */ ({
  bubblewrap: 'bwrap --version',
  'util-linux': 'unshare --version && setpriv --version && flock --version',
  passwd: 'command -v useradd',
  git: 'git --version',
  'g++': 'command -v c++',
  valgrind: 'command -v valgrind',
  clang: 'command -v clang',
  'libclang-rt-14-dev':
    'test -n "$(find "$(clang -print-resource-dir)" -name "libclang_rt.fuzzer-*" -o -name "libclang_rt.fuzzer.a" | head -1)"',
  'gcc-aarch64-linux-gnu': 'command -v aarch64-linux-gnu-gcc',
  postgresql: 'test -n "$(find /usr/lib/postgresql -name initdb)"',
  'redis-server': 'command -v redis-server',
  // Mounts, in user space, where the kernel has a device for it.
  bindfs: 'test -c /dev/fuse && command -v bindfs',
  // Chromium without a window, which needs the fewest packages.
  'chromium-headless-shell': 'command -v chromium-headless-shell',
  munge: 'command -v munged || test -x /usr/sbin/munged',
  slurmctld: 'test -x /usr/sbin/slurmctld',
  slurmd: 'test -x /usr/sbin/slurmd',
  'slurm-client': 'command -v sbatch',
  'qemu-user': 'command -v qemu-aarch64',
  // For the virtual machine, which sees this machine's files.
  e2fsprogs: 'PATH="$PATH:/sbin:/usr/sbin" mkfs.ext4 -V',
  apparmor: 'PATH="$PATH:/sbin:/usr/sbin" apparmor_parser --version',
  'libc6-dev-arm64-cross': 'test -f /usr/aarch64-linux-gnu/lib/libc.a',
})

/** @typedef {keyof typeof wanted} DebianPackage */

export const debianPackages = /** @type {DebianPackage[]} */ (Object.keys(wanted))

/** @param {DebianPackage} name */
export function isPresent(name) {
  try {
    execFileSync('sh', ['-c', wanted[name]], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/**
 * @param {(line: string) => void} log
 * @returns {Promise<string[]>} what is still missing, and why
 */
export async function installDebianPackages(log) {
  const missing = debianPackages.filter((name) => !isPresent(name))
  if (missing.length === 0) return []
  if (process.getuid?.() !== 0)
    return missing.map((name) => `${name}: not installed, and only root may install it`)
  const failures = []
  for (const name of missing) {
    log(`installing Debian package ${name}`)
    try {
      await apt('install', '--yes', '--no-install-recommends', name).catch(async () => {
        await apt('update')
        await apt('install', '--yes', '--no-install-recommends', name)
      })
    } catch (error) {
      const detail = /** @type {{ stderr?: string }} */ (error).stderr?.trim() || String(error)
      failures.push(`${name}: ${detail.split('\n').at(-1)}`)
    }
  }
  return failures
}

/** @param {string[]} args */
async function apt(...args) {
  await run('apt-get', ['-o', 'DPkg::Lock::Timeout=120', '--quiet', ...args], {
    // In run level 1 no package starts its service.
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    maxBuffer: 1 << 24,
  })
}
