import type { SupervisorHello } from './hello.js'
import type { HostKind } from './kind.js'

/** What to do about something that the host lacks: a sentence, then what to type (or to write) on this very host. */
export interface Remedy {
  advice: string
  commands: readonly string[]
}

/** As the tail of an error message: `Allow it: sudo sysctl …`. */
export function remedyLine(remedy: Remedy): string {
  return remedy.commands.length === 0 ? remedy.advice : `${remedy.advice}: ${remedy.commands.join(' && ')}`
}

/** Names the reason, as far as it shows, why namespaces cannot be made or lack capabilities, and how to lift it. */
export function namespaceRemedy(kind: HostKind, supervisor: string): Remedy {
  const { apparmorRestrictsUserns, unprivilegedUsernsClone, maxUserNamespaces } = kind.sysctls
  if (maxUserNamespaces === 0) {
    return sysctl(
      kind,
      'user.max_user_namespaces',
      15000,
      'User namespaces are switched off here; allow them',
    )
  }
  if (kind.container !== 'none') return containerRemedy(kind)
  if (!kind.root && unprivilegedUsernsClone === 0) {
    return sysctl(
      kind,
      'kernel.unprivileged_userns_clone',
      1,
      'Ordinary users may not make user namespaces; allow it',
    )
  }
  if (!kind.root && apparmorRestrictsUserns === 1) return apparmorRemedy(kind, supervisor)
  if (kind.seccompFiltered) {
    return {
      advice:
        'A seccomp filter of whatever started this process refuses namespaces; allow clone, unshare, setns, mount and pivot_root in it, or start Glovebox outside of it',
      commands: [],
    }
  }
  return {
    advice: 'The kernel needs CONFIG_USER_NS, PID_NS, NET_NS, UTS_NS, IPC_NS and CGROUPS; see what yours has',
    commands: [
      'grep -E "_NS=|CGROUPS=" /boot/config-$(uname -r) || zcat /proc/config.gz | grep -E "_NS=|CGROUPS="',
    ],
  }
}

/** Ubuntu 23.10 and later: user namespaces work only for executables that an AppArmor profile names. */
function apparmorRemedy(kind: HostKind, supervisor: string): Remedy {
  if (kind.githubActions) {
    return {
      advice: "Ubuntu's AppArmor keeps capabilities from user namespaces; add a step before the tests",
      commands: ['sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'],
    }
  }
  const file = '/etc/apparmor.d/glovebox-supervisor'
  const profile = `abi <abi/4.0>,\\ninclude <tunables/global>\\nprofile glovebox-supervisor "${supervisor}" flags=(unconfined) {\\n  userns,\\n}\\n`
  return {
    advice: `${kind.distribution === 'ubuntu' ? "Ubuntu's" : 'This'} AppArmor keeps capabilities from user namespaces; give the supervisor a profile (or set kernel.apparmor_restrict_unprivileged_userns=0 for all programs)`,
    commands: [`printf '${profile}' | sudo tee ${file}`, `sudo apparmor_parser -r ${file}`],
  }
}

/** How the container itself must be started so that sandboxes can be nested in it. */
function containerRemedy(kind: HostKind): Remedy {
  if (kind.githubActions && kind.container === 'docker') {
    return {
      advice: 'The job container forbids nested namespaces; give it these options in the workflow',
      commands: [
        "container: { options: '--security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined' }",
      ],
    }
  }
  switch (kind.container) {
    case 'kubernetes':
      return {
        advice:
          'The pod forbids nested namespaces or masks /proc; put this into its specification (Kubernetes 1.33 and later)',
        commands: [
          'spec: { hostUsers: false, containers: [{ securityContext: { procMount: Unmasked, seccompProfile: { type: Unconfined }, appArmorProfile: { type: Unconfined } } }] }',
        ],
      }
    case 'podman':
      return {
        advice: 'The container forbids nested namespaces or masks /proc; start it with',
        commands: [
          'podman run --security-opt seccomp=unconfined --security-opt unmask=ALL --security-opt label=disable …',
        ],
      }
    case 'lxc':
      return {
        advice: 'The container forbids nesting; on its host',
        commands: ['lxc config set CONTAINER security.nesting true'],
      }
    case 'docker':
      return {
        advice: 'The container forbids nested namespaces or masks /proc; start it with',
        commands: [
          'docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined …',
        ],
      }
    default:
      return {
        advice:
          'The container forbids nested namespaces; allow clone, unshare, setns, mount and pivot_root in its seccomp filter and leave its /proc unmasked',
        commands: [],
      }
  }
}

/** How to get write access to cgroups, or to one more controller. */
export function cgroupRemedy(
  hello: Pick<SupervisorHello, 'cgroup'>,
  kind: HostKind,
  controller?: string,
): Remedy {
  if (kind.container === 'docker' && !kind.systemdUser) {
    return {
      advice: 'cgroups are read-only in this container; start it (Docker 28 or later, cgroup v2) with',
      commands: ['docker run --cgroupns private --security-opt writable-cgroups=true …'],
    }
  }
  if (kind.container === 'podman') {
    return {
      advice: 'Start the container with writable cgroups',
      commands: ['podman run --cgroupns private --security-opt unmask=/sys/fs/cgroup …'],
    }
  }
  if (kind.container === 'kubernetes') {
    return {
      advice:
        'Kubernetes mounts cgroups read-only unless the runtime allows more; with containerd 2.1 and later set this in its runtime configuration',
      commands: ['cgroup_writable = true'],
    }
  }
  if (kind.root) {
    return controller
      ? {
          advice: `Enable the ${controller} controller of the kernel (cgroup_enable=${controller} on its command line)`,
          commands: [],
        }
      : { advice: 'Mount a writable cgroup file system', commands: ['mount -t cgroup2 none /sys/fs/cgroup'] }
  }
  if (hello.cgroup !== 'none' && controller) return delegateRemedy(controller)
  if (kind.systemdUser) {
    return {
      advice: 'Start the tests in a scope that systemd delegates to you',
      commands: ['systemd-run --user --scope -p Delegate=yes npx vitest run'],
    }
  }
  if (kind.githubActions || kind.systemd) {
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
        `echo '+cpu +cpuset +io +memory +pids' | sudo tee /sys/fs/cgroup/cgroup.subtree_control`,
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

function sysctl(kind: HostKind, name: string, value: number, advice: string): Remedy {
  const sudo = kind.root ? '' : 'sudo '
  const where = kind.container === 'none' ? advice : `${advice} on the container's host`
  return {
    advice: where,
    commands: [
      `${sudo}sysctl -w ${name}=${value}`,
      `echo '${name}=${value}' | ${sudo}tee /etc/sysctl.d/60-glovebox.conf`,
    ],
  }
}

/** How to install a program's package on this distribution. */
export function installCommand(
  kind: HostKind,
  names: { debian: string; fedora: string; alpine: string; arch: string },
): string {
  const sudo = kind.root ? '' : 'sudo '
  const is = (family: string): boolean => kind.like.includes(family)
  if (is('debian')) return `${sudo}apt-get install -y ${names.debian}`
  if (is('fedora') || is('rhel')) return `${sudo}dnf install -y ${names.fedora}`
  if (is('alpine')) return `${sudo}apk add ${names.alpine}`
  if (is('arch')) return `${sudo}pacman -S ${names.arch}`
  return `install ${names.debian} with your distribution's package manager`
}
