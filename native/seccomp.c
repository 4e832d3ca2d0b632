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
#include <string.h>
#include <sys/ioctl.h>
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
#define NR_IO_URING_SETUP 425
#define NR_IO_URING_REGISTER 427
#define NR_QUOTACTL_FD 443
/* Address families that belong to the machine and not to a network namespace: what listens there would be in reach of every sandbox. */
#define FAMILY_VSOCK 40
#define FAMILY_QIPCRTR 42
#define LINUX_TERMINAL 0x541C /* TIOCLINUX, which pastes into a console as TIOCSTI does into a terminal */

#define NEW_NAMESPACES (CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | 0x02000000 /* CGROUP */)

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, (value))
#define REFUSE RETURN(SECCOMP_RET_ERRNO | EPERM)
/* The next instruction is for this system call (or argument) only. */
#define IF(value) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, 1)
#define DENY(number) IF(number), REFUSE
#define DENY_RANGE(first, last) \
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (first), 0, 2), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (last), 1, 0), REFUSE

/* Each part begins with the number of the system call loaded, and leaves it loaded or returns. */
static const struct sock_filter prologue[] = {
    LOAD(arch),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0), REFUSE, /* 32-bit calls have other numbers */
    LOAD(nr),
#if defined(__x86_64__)
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1), RETURN(SECCOMP_RET_ERRNO | ENOSYS), /* x32 */
#endif
};

/* Not in sandboxes that make sandboxes. */
static const struct sock_filter namespaces[] = {
    /* mounts and roots */
    DENY(SYS_mount), DENY(SYS_umount2), DENY(SYS_pivot_root), DENY(SYS_chroot),
    DENY_RANGE(NR_OPEN_TREE, 433), /* open_tree, move_mount, fsopen, fsconfig, fsmount, fspick */
    DENY(NR_MOUNT_SETATTR),
    /* clone3 hides its flags behind a pointer, and the C library falls back to clone */
    DENY(SYS_unshare), DENY(SYS_setns), DENY(SYS_sethostname), DENY(SYS_setdomainname),
    IF(NR_CLONE3), RETURN(SECCOMP_RET_ERRNO | ENOSYS),
    /* the low half of the flags: both architectures are little-endian */
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4),
    LOAD(args[0]), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NEW_NAMESPACES, 0, 1), REFUSE,
    LOAD(nr),
};

/* A ring carries out system calls that no filter sees, sockets of any family among them. Without rings, libuv does without. */
static const struct sock_filter rings[] = {
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, NR_IO_URING_SETUP, 0, 2),
    BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, NR_IO_URING_REGISTER, 1, 0), RETURN(SECCOMP_RET_ERRNO | ENOSYS),
};

static const struct sock_filter always[] = {
    /* kernel and machine */
    DENY(SYS_reboot), DENY(SYS_kexec_load), DENY(SYS_kexec_file_load), DENY(SYS_init_module), DENY(SYS_finit_module),
    DENY(SYS_delete_module), DENY(SYS_swapon), DENY(SYS_swapoff), DENY(SYS_acct), DENY(SYS_quotactl), DENY(NR_QUOTACTL_FD), DENY(SYS_syslog),
    DENY(SYS_settimeofday), DENY(SYS_clock_settime), DENY(SYS_adjtimex), DENY(SYS_clock_adjtime), DENY(SYS_vhangup),
#if defined(__x86_64__)
    DENY(SYS_iopl), DENY(SYS_ioperm), DENY(SYS_modify_ldt),
#endif
    /* kernel facilities shared by all users of the machine, or with a history of holes */
    DENY(SYS_bpf), DENY(SYS_perf_event_open), DENY(SYS_fanotify_init), DENY(SYS_add_key), DENY(SYS_request_key), DENY(SYS_keyctl),
    DENY(SYS_open_by_handle_at), DENY(SYS_userfaultfd), DENY(SYS_kcmp),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 6),
    LOAD(args[1]), IF(TIOCSTI), REFUSE, IF(LINUX_TERMINAL), REFUSE,
    RETURN(SECCOMP_RET_ALLOW),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 5),
    LOAD(args[0]), IF(FAMILY_VSOCK), RETURN(SECCOMP_RET_ERRNO | EAFNOSUPPORT), IF(FAMILY_QIPCRTR), RETURN(SECCOMP_RET_ERRNO | EAFNOSUPPORT),
    RETURN(SECCOMP_RET_ALLOW),
};

#define LENGTH(part) (sizeof(part) / sizeof(part)[0])

unsigned short gb_seccomp_program(unsigned permitted, struct sock_filter *filter)
{
    _Static_assert(LENGTH(prologue) + LENGTH(namespaces) + LENGTH(rings) + LENGTH(always) <= GB_FILTER_LENGTH, "GB_FILTER_LENGTH");
    const struct {
        const struct sock_filter *part;
        size_t length;
        bool wanted;
    } parts[] = {{prologue, LENGTH(prologue), true}, {namespaces, LENGTH(namespaces), !(permitted & GB_FILTER_NAMESPACES)},
        {rings, LENGTH(rings), !(permitted & GB_FILTER_RINGS)}, {always, LENGTH(always), true}};
    unsigned short length = 0;
    for (size_t i = 0; i < LENGTH(parts); i++) {
        if (!parts[i].wanted)
            continue;
        memcpy(filter + length, parts[i].part, parts[i].length * sizeof *filter);
        length = (unsigned short)(length + parts[i].length);
    }
    return length;
}

int gb_seccomp_install(unsigned permitted)
{
    if (permitted & GB_FILTER_OFF)
        return 0;
    struct sock_filter filter[GB_FILTER_LENGTH];
    const struct sock_fprog program = {.len = gb_seccomp_program(permitted, filter), .filter = filter};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

unsigned gb_filter_of(const struct gb_request *request)
{
    return (request->seccomp == GB_SECCOMP_OFF ? GB_FILTER_OFF : 0) | (request->permit_namespaces ? GB_FILTER_NAMESPACES : 0)
        | (request->permit_rings ? GB_FILTER_RINGS : 0);
}
