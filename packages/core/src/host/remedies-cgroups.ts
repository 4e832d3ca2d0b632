import type { SupervisorHello } from './hello.js'
import type { HostKind } from './kind.js'
import type { Remedy } from './remedies.js'

/** How to get write access to cgroups, or to one more controller. */
export function cgroupRemedy(
  hello: Pick<SupervisorHello, 'cgroup' | 'cgroupReason'>,
  kind: HostKind,
  controller?: string,
): Remedy {
  const readOnly = /read-only|EROFS/i.test(hello.cgroupReason ?? '')
  if (readOnly) return readOnlyRemedy(kind)
  if (hello.cgroup !== 'none' && controller) {
    return kind.root || kind.cgroups === 'v1' ? kernelRemedy(controller) : delegateRemedy(controller)
  }
  if (kind.root) {
    return {
      advice: 'Mount a writable cgroup file system',
      commands: ['mkdir -p /sys/fs/cgroup', 'mount -t cgroup2 none /sys/fs/cgroup'],
    }
  }
  // systemd has a delegation only on v2.
  if (kind.cgroups === 'v2' && kind.systemdUser) {
    return {
      advice: 'Start the tests in a scope that systemd delegates to you',
      commands: ['systemd-run --user --scope -p Delegate=yes npx vitest run'],
    }
  }
  if (kind.cgroups === 'v2' && (kind.githubActions || kind.systemd)) {
    return {
      advice: 'Get a systemd user session, then start the tests in a delegated scope',
      commands: [
        `sudo loginctl enable-linger ${kind.user}`,
        'export XDG_RUNTIME_DIR=/run/user/$(id -u)',
        'systemd-run --user --scope -p Delegate=yes npx vitest run',
      ],
    }
  }
  return handMadeRemedy(kind)
}

/** Container runtimes mount cgroups read-only unless told otherwise. */
function readOnlyRemedy(kind: HostKind): Remedy {
  switch (kind.container) {
    case 'docker':
      return {
        advice: 'cgroups are read-only in this container; start it (Docker 28 or later, cgroup v2) with',
        commands: ['docker run --cgroupns private --security-opt writable-cgroups=true …'],
      }
    case 'podman':
      return {
        advice: 'cgroups are read-only in this container; start it with',
        commands: ['podman run --cgroupns private --security-opt unmask=/sys/fs/cgroup …'],
      }
    case 'kubernetes':
      return {
        advice:
          'cgroups are read-only in this pod; with containerd 2.1 and later set this for its runtime (config.toml)',
        commands: ['cgroup_writable = true'],
      }
    default: {
      const sudo = kind.root ? '' : 'sudo '
      return {
        advice: 'cgroups are mounted read-only; mount them writable',
        commands: [
          `for m in $(findmnt -rno TARGET -t cgroup,cgroup2); do ${sudo}mount -o remount,rw $m; done`,
        ],
      }
    }
  }
}

function kernelRemedy(controller: string): Remedy {
  return {
    advice: `Mount the ${controller} controller’s hierarchy, or enable it on the kernel’s command line (cgroup_enable=${controller})`,
    commands: [],
  }
}

/** systemd delegates cpu, memory and pids to users by default, but neither io nor cpuset. */
function delegateRemedy(controller: string): Remedy {
  const directory = '/etc/systemd/system/user@.service.d'
  return {
    advice: `systemd does not delegate ${controller} to users; make it, then log in again`,
    commands: [
      `sudo mkdir -p ${directory}`,
      `printf '[Service]\\nDelegate=cpu cpuset io memory pids\\n' | sudo tee ${directory}/delegate.conf`,
      'sudo systemctl daemon-reload',
    ],
  }
}

/** Without systemd: a cgroup that belongs to the user (in each hierarchy of v1), with the shell moved into it. */
function handMadeRemedy(kind: HostKind): Remedy {
  const { user } = kind
  const advice = 'Run as root, or give yourself a cgroup and move this shell into it'
  if (kind.cgroups === 'v2') {
    const group = `/sys/fs/cgroup/${user}`
    return {
      advice,
      commands: [
        `sed 's/[^ ]*/+&/g' /sys/fs/cgroup/cgroup.controllers | sudo tee /sys/fs/cgroup/cgroup.subtree_control`,
        `sudo mkdir -p ${group}`,
        `sudo chown -R ${user} ${group}`,
        `echo $$ | sudo tee ${group}/cgroup.procs`,
      ],
    }
  }
  return {
    advice,
    commands: [
      `for h in memory cpu cpuacct cpuset pids blkio freezer; do d=/sys/fs/cgroup/$h/${user}; sudo mkdir -p $d; sudo chown -R ${user} $d; ` +
        `[ $h = cpuset ] && for f in cpus mems; do sudo cp /sys/fs/cgroup/cpuset/cpuset.$f $d/; done; echo $$ | sudo tee $d/cgroup.procs; done`,
    ],
  }
}
