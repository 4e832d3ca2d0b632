/* Runs a command under a seccomp filter that refuses new namespaces, as Docker's default one does: deny-namespaces COMMAND ARGS… */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NAMESPACES (CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP)
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IF_CALL(number, skip_unless) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, skip_unless)
#define REFUSE(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

int main(int argc, char **argv)
{
    struct sock_filter code[] = {
        LOAD(nr),
        IF_CALL(SYS_clone3, 1), REFUSE(ENOSYS), /* its flags lie in memory, which a filter cannot read */
        IF_CALL(SYS_unshare, 1), REFUSE(EPERM),
        IF_CALL(SYS_setns, 1), REFUSE(EPERM),
        IF_CALL(SYS_clone, 3), LOAD(args[0]), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NAMESPACES, 0, 1), REFUSE(EPERM),
        ALLOW,
    };
    struct sock_fprog program = {sizeof code / sizeof code[0], code};
    if (argc < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        return 99;
    execvp(argv[1], argv + 1);
    perror(argv[1]);
    return 98;
}
