// @ts-check
/** System calls. With the arguments of act.c the kernel itself would refuse them with another error. */
/** @import { Act } from '../types.js' */
import { native } from '../perform.mjs'

const machine = [
  ...[
    'mount',
    'umount2',
    'pivot_root',
    'chroot',
    'open_tree',
    'move_mount',
    'fsopen',
    'fsconfig',
    'fsmount',
    'fspick',
  ],
  ...[
    'mount_setattr',
    'setns',
    'reboot',
    'kexec_load',
    'kexec_file_load',
    'init_module',
    'finit_module',
    'delete_module',
  ],
  ...[
    'swapon',
    'swapoff',
    'acct',
    'quotactl',
    'quotactl_fd',
    'syslog',
    'settimeofday',
    'clock_settime',
    'adjtimex',
  ],
  ...[
    'clock_adjtime',
    'sethostname',
    'setdomainname',
    'bpf',
    'perf_event_open',
    'fanotify_init',
    'add_key',
    'request_key',
  ],
  ...['keyctl', 'open_by_handle_at', 'userfaultfd', 'kcmp', 'unshare nothing'],
  ...(process.arch === 'x64' ? ['iopl', 'ioperm', 'modify_ldt'] : []),
]
const rings = ['io_uring_setup', 'io_uring_enter', 'io_uring_register']

const terminals = { TIOCSTI: 0x5412, TIOCLINUX: 0x541c }

/** @type {Act[]} */
export const syscalls = [
  ...machine.map((name) => ({
    name: `call ${name}`,
    act: (/** @type {{ helper: string }} */ { helper }) => native(helper, 'call', name),
    refused: /^EPERM$/,
    controlledBy: /** @type {const} */ ('root'),
  })),
  ...rings.map((name) => ({
    name: `call ${name}`,
    act: (/** @type {{ helper: string }} */ { helper }) => native(helper, 'call', name),
    refused: /^ENOSYS$/,
  })),
  ...Object.entries(terminals).map(([name, number]) => ({
    name: `put words into a terminal's mouth with ${name}`,
    act: (/** @type {{ helper: string }} */ { helper }) => native(helper, 'inject', number),
    refused: /^EPERM$/,
    controlledBy: /** @type {const} */ ('root'),
  })),
  {
    name: 'hang up terminals',
    act: ({ helper }) => native(helper, 'hang-up'),
    refused: /^EPERM$/,
    controlledBy: 'root',
  },
  ...(process.arch === 'x64'
    ? [
        {
          name: 'call as a 32-bit program does',
          act: (/** @type {{ helper: string }} */ { helper }) => native(helper, 'foreign'),
          refused: /^EPERM$/,
          missing: /SIGSEGV|^ENOSYS/,
        },
      ]
    : []),
  {
    name: 'open a file by its handle',
    act: ({ helper }) => native(helper, 'handle'),
    refused: /^EPERM$/,
    controlledBy: 'root',
  },
  {
    name: 'take capabilities back',
    act: ({ helper }) => native(helper, 'capset'),
    refused: /^EPERM$/,
    controlledBy: 'root',
  },
]
