/*
 * System calls and constants that the C library or its kernel headers may not know yet (musl, older glibc). The numbers
 * from 424 on are the same on every architecture.
 */
#ifndef GLOVEBOX_COMPAT_H
#define GLOVEBOX_COMPAT_H

#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_open_tree
#define SYS_open_tree 428
#endif
#ifndef SYS_move_mount
#define SYS_move_mount 429
#endif
#ifndef SYS_fsopen
#define SYS_fsopen 430
#endif
#ifndef SYS_fsconfig
#define SYS_fsconfig 431
#endif
#ifndef SYS_fsmount
#define SYS_fsmount 432
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif
#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x00001000
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

enum {
    GB_OPEN_TREE_CLONE = 1,
    GB_OPEN_TREE_CLOEXEC = O_CLOEXEC,
    GB_MOVE_EMPTY_PATHS = 0x00000004 | 0x00000040, /* MOVE_MOUNT_F_EMPTY_PATH, MOVE_MOUNT_T_EMPTY_PATH */
    GB_FSOPEN_CLOEXEC = 1,
    GB_FSMOUNT_CLOEXEC = 1,
    GB_FSCONFIG_SET_FLAG = 0,
    GB_FSCONFIG_SET_STRING = 1,
    GB_FSCONFIG_CMD_CREATE = 6,
    GB_ATTR_RDONLY = 0x1,
    GB_ATTR_NOSUID = 0x2,
    GB_ATTR_NODEV = 0x4,
    GB_ATTR_NOEXEC = 0x8,
    GB_RESOLVE_NO_MAGICLINKS = 0x02,
    GB_RESOLVE_NO_SYMLINKS = 0x04,
    GB_RESOLVE_BENEATH = 0x08,
    GB_RESOLVE_IN_ROOT = 0x10,
    GB_CLOSE_RANGE_CLOEXEC = 4,
};

struct gb_mount_attr {
    uint64_t attr_set, attr_clr, propagation, userns_fd;
};

struct gb_open_how {
    uint64_t flags, mode, resolve;
};

struct gb_clone_args {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

static inline int gb_open_tree(int dir, const char *path, unsigned flags)
{
    return (int)syscall(SYS_open_tree, dir, path, flags);
}

/* Attaches the detached mount `mount` on what `target` refers to. */
static inline int gb_move_mount(int mount, int target)
{
    return (int)syscall(SYS_move_mount, mount, "", target, "", GB_MOVE_EMPTY_PATHS);
}

static inline int gb_fsopen(const char *type)
{
    return (int)syscall(SYS_fsopen, type, GB_FSOPEN_CLOEXEC);
}

static inline int gb_fsconfig(int fs, int command, const char *key, const char *value)
{
    return (int)syscall(SYS_fsconfig, fs, command, key, value, 0);
}

static inline int gb_fsmount(int fs, unsigned attributes)
{
    return (int)syscall(SYS_fsmount, fs, GB_FSMOUNT_CLOEXEC, attributes);
}

static inline int gb_mount_setattr(int dir, unsigned flags, const struct gb_mount_attr *attr)
{
    return (int)syscall(SYS_mount_setattr, dir, "", (unsigned)AT_EMPTY_PATH | flags, attr, sizeof *attr);
}

static inline int gb_openat2(int dir, const char *path, const struct gb_open_how *how)
{
    return (int)syscall(SYS_openat2, dir, path, how, sizeof *how);
}

static inline int gb_close_range(unsigned first, unsigned last, unsigned flags)
{
    return (int)syscall(SYS_close_range, first, last, flags);
}

static inline int gb_pidfd_send_signal(int pidfd, int number)
{
    return (int)syscall(SYS_pidfd_send_signal, pidfd, number, (void *)0, 0);
}

#endif
