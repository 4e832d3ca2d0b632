/* The run directory: what is removed, by whom, and what a removal leaves that is killed at any of its steps. */
#include "../sandbox.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ptrace.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MARK "/.glovebox-run"

static char parent[64]; /* of all directories of a case */

static const char *below(const char *name)
{
    static char paths[8][160];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", parent, name);
    return path;
}

static void remove_parent(void)
{
    gb_remove_tree(AT_FDCWD, parent);
}

static void set_up(void)
{
    strcpy(parent, "/tmp/gbtest-XXXXXX");
    check(mkdtemp(parent) != NULL);
    atexit(remove_parent);
}

static void make_file(const char *directory, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s%s", directory, name);
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    check(file >= 0);
    close(file);
}

static bool exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

/* As a supervisor leaves it: marked, a socket's file, an export, layers that overlayfs has closed. */
static const char *make_full(const char *name)
{
    const char *path = below(name);
    check(mkdir(path, 0700) == 0);
    make_file(path, MARK);
    make_file(path, "/streams.sock");
    for (int i = 0; i < 3; i++) {
        char layer[200];
        snprintf(layer, sizeof layer, "%s/layer%d", path, i);
        check(mkdir(layer, 0700) == 0);
        make_file(layer, "/file");
        check(i != 1 || chmod(layer, 0) == 0);
    }
    return path;
}

/* What has not changed for longer than a start takes. */
static void age(const char *path)
{
    struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    check(utimensat(AT_FDCWD, path, old, 0) == 0);
}

/* What the next supervisor's start does. */
static void start_another(void)
{
    static unsigned starts;
    char name[32];
    struct gb_error error;
    snprintf(name, sizeof name, "glovebox-next%u", starts++);
    const char *own = below(name);
    check(mkdir(own, 0700) == 0);
    int lock = gb_run_dir_claim(own, &error);
    check(lock >= 0);
    check(exists(own));
    close(lock);
    gb_run_dir_remove(own);
    check(!exists(own));
}

static void removes_everything(void)
{
    set_up();
    const char *path = make_full("glovebox-a");
    check(symlink("/etc", below("glovebox-a/link")) == 0);
    gb_run_dir_remove(path);
    check(!exists(path));
    check(exists("/etc/passwd"));
}

/* As the kernel's header has it; libc's lacks the latest request. */
static long trace(long request, pid_t child, void *address, void *data)
{
    return syscall(SYS_ptrace, request, child, address, data);
}

/* Kills the process that removes `path` as it enters its `step`th unlinkat. False: it had ended by itself before. */
static bool kill_at(const char *path, unsigned step)
{
    int status;
    pid_t child = fork();
    check(child >= 0);
    if (child == 0) {
        trace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        gb_run_dir_remove(path);
        _exit(0);
    }
    check(waitpid(child, &status, 0) == child && WIFSTOPPED(status));
    check(trace(PTRACE_SETOPTIONS, child, NULL, (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)) == 0);
    for (unsigned seen = 0;;) {
        check(trace(PTRACE_SYSCALL, child, NULL, NULL) == 0);
        check(waitpid(child, &status, 0) == child);
        if (WIFEXITED(status))
            return false;
        struct ptrace_syscall_info call;
        if (!WIFSTOPPED(status) || WSTOPSIG(status) != (SIGTRAP | 0x80)
            || trace(PTRACE_GET_SYSCALL_INFO, child, (void *)sizeof call, &call) <= 0 || call.op != PTRACE_SYSCALL_INFO_ENTRY
            || call.entry.nr != SYS_unlinkat || seen++ < step)
            continue;
        check(kill(child, SIGKILL) == 0);
        check(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
        return true;
    }
}

static void killed_at_any_step(void)
{
    set_up();
    unsigned step = 0;
    for (bool killed = true; killed; step++) {
        const char *path = make_full("glovebox-a");
        killed = kill_at(path, step);
        check(exists(path) == killed);
        if (killed)
            age(path);
        start_another();
        check(!exists(path));
    }
    check(step > 8); /* a file, and a file and a directory for each layer, the mark, the directory */
}

static void leaves_others_alone(void)
{
    set_up();
    const char *unmarked = below("glovebox-unmarked"), *open_to_all = make_full("glovebox-open"), *young = make_full("glovebox-young");
    const char *called_otherwise = make_full("sandbox-a"), *used = make_full("glovebox-used");
    check(mkdir(unmarked, 0700) == 0);
    make_file(unmarked, "/work");
    check(chmod(open_to_all, 0755) == 0);
    const char *all[] = {unmarked, open_to_all, called_otherwise, used, young};
    for (int i = 0; i < 4; i++)
        age(all[i]);
    int lock = open(used, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    check(lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0);
    start_another();
    for (int i = 0; i < 5; i++)
        check(exists(all[i]));
    close(lock);
    start_another();
    check(!exists(used));
}

static void sweeps_the_empty(void)
{
    set_up();
    const char *empty = below("glovebox-empty"), *young = below("glovebox-young");
    check(mkdir(empty, 0700) == 0 && mkdir(young, 0700) == 0);
    age(empty);
    start_another();
    check(!exists(empty));
    check(exists(young));
}

int main(int argc, char **argv)
{
    static const struct tap_case cases[] = {
        {"a run directory is removed with all that is in it, and no link is followed", removes_everything},
        {"what a removal leaves that is killed, at whatever step, the next start removes", killed_at_any_step},
        {"what is not ours, in use, or young is left alone", leaves_others_alone},
        {"a directory whose maker was killed before it was marked is removed", sweeps_the_empty},
    };
    return tap_main(argc, argv, cases, sizeof cases / sizeof cases[0], NULL);
}
