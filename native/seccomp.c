/*
 * The system calls that a test has no business with: administration of the machine, and ways to gain capabilities in
 * namespaces of its own. It is a list of what is denied, so that new system calls of the kernel work without a new version
 * of Glovebox; the namespaces, not this filter, are what isolates.
 */
#include "process.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "the seccomp filter knows x86-64 and arm64"
#endif

/* Same numbers on every architecture, missing in older headers. */
#define NR_OPEN_TREE 428
#define NR_MOUNT_SETATTR 442
#define NR_CLONE3 435

#define NEW_NAMESPACES (CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | 0x02000000 /* CGROUP */)

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, (value))
#define REFUSE RETURN(SECCOMP_RET_ERRNO | EPERM)
/* The next instruction is for this system call only. */
#define IF_CALL(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1)
#define DENY(number) IF_CALL(number), REFUSE
#define DENY_RANGE(first, last) \
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (first), 0, 2), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (last), 1, 0), REFUSE

static struct sock_filter filter[] = {
    LOAD(arch),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0), REFUSE, /* 32-bit calls have other numbers */
    LOAD(nr),
#if defined(__x86_64__)
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1), RETURN(SECCOMP_RET_ERRNO | ENOSYS), /* x32 */
#endif
    /* mounts and roots */
    DENY(SYS_mount), DENY(SYS_umount2), DENY(SYS_pivot_root), DENY(SYS_chroot),
    DENY_RANGE(NR_OPEN_TREE, 433), /* open_tree, move_mount, fsopen, fsconfig, fsmount, fspick */
    DENY(NR_MOUNT_SETATTR),
    /* namespaces; clone3 hides its flags behind a pointer, and the C library falls back to clone */
    DENY(SYS_unshare), DENY(SYS_setns),
    IF_CALL(NR_CLONE3), RETURN(SECCOMP_RET_ERRNO | ENOSYS),
    /* kernel and machine */
    DENY(SYS_reboot), DENY(SYS_kexec_load), DENY(SYS_kexec_file_load), DENY(SYS_init_module), DENY(SYS_finit_module),
    DENY(SYS_delete_module), DENY(SYS_swapon), DENY(SYS_swapoff), DENY(SYS_acct), DENY(SYS_quotactl), DENY(SYS_syslog),
    DENY(SYS_settimeofday), DENY(SYS_clock_settime), DENY(SYS_adjtimex), DENY(SYS_clock_adjtime), DENY(SYS_vhangup),
    DENY(SYS_sethostname), DENY(SYS_setdomainname),
#if defined(__x86_64__)
    DENY(SYS_iopl), DENY(SYS_ioperm), DENY(SYS_modify_ldt),
#endif
    /* kernel facilities shared by all users of the machine, or with a history of holes */
    DENY(SYS_bpf), DENY(SYS_perf_event_open), DENY(SYS_fanotify_init), DENY(SYS_add_key), DENY(SYS_request_key), DENY(SYS_keyctl),
    DENY(SYS_open_by_handle_at), DENY(SYS_userfaultfd), DENY(SYS_kcmp),
    IF_CALL(SYS_clone), BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0),
    RETURN(SECCOMP_RET_ALLOW),
    LOAD(args[0]), /* the low half: both architectures are little-endian */
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NEW_NAMESPACES, 0, 1), REFUSE,
    RETURN(SECCOMP_RET_ALLOW),
};

int gb_seccomp_install(void)
{
    const struct sock_fprog program = {.len = sizeof filter / sizeof filter[0], .filter = filter};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}
