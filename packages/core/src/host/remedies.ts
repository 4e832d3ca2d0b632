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

/** A new procfs is refused where part of the old one is hidden, or the user namespace has no capabilities. */
export function procRemedy(kind: HostKind, supervisor: string): Remedy {
  if (kind.container === 'glovebox' && kind.root) {
    return {
      advice:
        'This process is in a sandbox of Glovebox itself, and root’s make none that have a /proc of their own; run the outer suite as an ordinary user, with nestedSandboxes: true',
      commands: [],
    }
  }
  if (kind.container !== 'none' || (!kind.root && kind.sysctls.apparmorRestrictsUserns === 1)) {
    return namespaceRemedy(kind, supervisor)
  }
  return {
    advice:
      'The kernel gives a sandbox no /proc of its own while something is mounted over parts of the old one; see what, and unmount it',
    commands: ['findmnt -R /proc'],
  }
}

export function overlayRemedy(kind: HostKind): Remedy {
  return {
    advice:
      'Load the overlay module (an ordinary user needs Linux 5.11 or later), or set filesystem.project to readonly or direct',
    commands: [kind.root ? 'modprobe overlay' : 'sudo modprobe overlay'],
  }
}

/** overlayfs lies over most file systems, but not over two overlays, case-folding ext4, or other mounts in a user namespace. */
export const lowerRemedy: Remedy = {
  advice:
    "overlayfs refuses the file system of this directory, or others are mounted below it: move the project, set filesystem.project to readonly or direct, or onUnsupported: 'warn' to write directly",
  commands: [],
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
    case 'glovebox':
      return {
        advice: 'This process is in a sandbox of Glovebox itself, which makes no others; allow it that',
        commands: ['nestedSandboxes: true'],
      }
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
