/** Ways to start a command so that the host seems to lack something. Each needs root and changes nothing outside its own namespaces. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CliOptions, supervisorPath } from './cli.js'

const within = (script: string): string[] => ['sh', '-ec', `${script}\nexec "$@"`, 'sh']

/** `directory` is for what they need. Needs a C compiler. */
export function brokenHosts(directory: string) {
  const denyNamespaces = join(directory, 'deny-namespaces')
  execFileSync('cc', ['-o', denyNamespaces, join(import.meta.dirname, 'deny-namespaces.c')])
  return {
    noUserNamespaces: {
      through: [
        'unshare',
        '--user',
        '--map-root-user',
        ...within('echo 0 > /proc/sys/user/max_user_namespaces'),
      ],
    },
    seccomp: { through: [denyNamespaces] },
    readOnlyCgroups: {
      through: [
        'unshare',
        '--mount',
        ...within('for m in $(findmnt -rno TARGET -t cgroup,cgroup2); do mount -o remount,bind,ro $m; done'),
      ],
    },
    maskedProc: { through: ['unshare', '--mount', ...within('mount --bind /dev/null /proc/meminfo')] },
    fullTemp: {
      through: ['unshare', '--mount', ...within(`mount -t tmpfs -o size=4k,nr_inodes=1 none ${directory}`)],
      env: { TMPDIR: directory },
    },
  } satisfies Record<string, CliOptions>
}

/** A copy of the supervisor whose header names a machine that this is not. */
export function foreignSupervisor(directory: string): string {
  const path = join(directory, 'foreign-supervisor')
  mkdirSync(directory, { recursive: true })
  copyFileSync(supervisorPath, path)
  const image = readFileSync(path)
  image.writeUInt16LE(243, 18) // e_machine: RISC-V
  writeFileSync(path, image)
  return path
}
