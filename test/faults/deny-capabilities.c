/*
 * Runs a command where user namespaces can be made but are worth nothing, as Ubuntu's AppArmor has it for programs without a profile: what
 * needs capabilities in them is refused. deny-capabilities COMMAND ARGS…
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REFUSE(number, error) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))

int main(int argc, char **argv)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        REFUSE(SYS_mount, EACCES),
        REFUSE(SYS_sethostname, EPERM),
        REFUSE(SYS_pivot_root, EACCES),
        REFUSE(SYS_setns, EPERM),
        REFUSE(428 /* open_tree */, EPERM),
        REFUSE(430 /* fsopen */, EPERM),
        REFUSE(442 /* mount_setattr */, EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof code[0], code};
    if (argc < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        return 99;
    execvp(argv[1], argv + 1);
    perror(argv[1]);
    return 98;
}
