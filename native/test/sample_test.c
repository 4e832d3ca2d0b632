/* Sampling without a cgroup: real processes in PID namespaces of their own. Needs root, or user namespaces. */
#include "../supervisor.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB (UINT64_C(1) << 20)
#define NO_LIMIT UINT64_MAX

static char *take(size_t size, int flags, int fd)
{
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);
    check(memory != MAP_FAILED);
    memset(memory, 1, size);
    return memory;
}

static pid_t init_pid;

static void end_init(void)
{
    kill(init_pid, SIGKILL);
    waitpid(init_pid, NULL, 0);
}

static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY);
    bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    close(fd);
    return written;
}

/* As root; an ordinary user makes a user namespace first, once, which gives the capabilities for the others. */
static void separate(int flags)
{
    static bool privileged;
    unsigned uid = getuid(), gid = getgid();
    if (uid && !privileged) {
        char uids[64], gids[64];
        snprintf(uids, sizeof uids, "%u %u 1", uid, uid);
        snprintf(gids, sizeof gids, "%u %u 1", gid, gid);
        if (unshare(CLONE_NEWUSER) < 0 || !write_file("/proc/self/setgroups", "deny") || !write_file("/proc/self/uid_map", uids) ||
            !write_file("/proc/self/gid_map", gids))
            tap_skip("no user namespaces: %s", strerror(errno));
        privileged = true;
    }
    if (unshare(flags) < 0)
        tap_skip("no namespaces: %s", strerror(errno));
}

/* An init (PID 1 of a new namespace) that runs `act` and says when it is done; it ends with the case. */
static pid_t start_init(void (*act)(void))
{
    int ready[2];
    char byte;
    check(pipe(ready) == 0);
    separate(CLONE_NEWPID);
    init_pid = fork();
    if (init_pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        act();
        if (write(ready[1], "r", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ready[1]);
    atexit(end_init);
    check(read(ready[0], &byte, 1) == 1);
    close(ready[0]);
    return init_pid;
}

static void sample(int scratch, uint64_t limit, uint64_t *memory, uint64_t *pids)
{
    struct gb_error error;
    if (gb_sample(init_pid, scratch, limit, memory, pids, &error) < 0)
        tap_fail(__FILE__, __LINE__, "%s %s", error.stage, error.path);
}

/* A child that holds on to what it has; its descriptors are its parent's. */
static void child(void (*act)(void))
{
    int ready[2];
    char byte;
    check(pipe(ready) == 0);
    if (fork() == 0) {
        act();
        if (write(ready[1], "r", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    check(read(ready[0], &byte, 1) == 1);
}

static void nothing(void)
{
}

static void sixteen(void)
{
    take(16 * MIB, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static void two_children_of_sixteen(void)
{
    child(sixteen);
    child(sixteen);
}

static void private_memory_of_every_process_is_summed(void)
{
    uint64_t memory, pids, idle;
    start_init(two_children_of_sixteen);
    sample(-1, NO_LIMIT, &memory, &pids);
    check(memory >= 32 * MIB && memory < 40 * MIB);
    check_number(pids, 2);
    sample(-1, 1, &idle, &pids); /* refined: private memory stays what it is */
    check(idle >= 32 * MIB && idle <= memory);
}

static void an_init_alone_counts_no_processes(void)
{
    uint64_t memory, pids;
    start_init(nothing);
    sample(-1, NO_LIMIT, &memory, &pids);
    check_number(pids, 0);
    check(memory < 4 * MIB);
}

static void *wait_in_thread(void *unused)
{
    for (;;)
        pause();
    return unused;
}

static void three_threads(void)
{
    pthread_t thread;
    for (int i = 0; i < 3; i++)
        check(pthread_create(&thread, NULL, wait_in_thread, NULL) == 0);
}

static void threads_child(void)
{
    child(three_threads);
}

static void threads_count_as_processes_do(void)
{
    uint64_t memory, pids;
    start_init(threads_child);
    sample(-1, NO_LIMIT, &memory, &pids);
    check_number(pids, 4);
}

static void shared_by_three(void)
{
    volatile char *memory = take(24 * MIB, MAP_SHARED | MAP_ANONYMOUS, -1);
    for (int i = 0; i < 2; i++) {
        int ready[2];
        char byte;
        check(pipe(ready) == 0);
        if (fork() == 0) {
            for (size_t at = 0; at < 24 * MIB; at += 4096)
                (void)memory[at];
            if (write(ready[1], "r", 1) != 1)
                _exit(1);
            for (;;)
                pause();
        }
        check(read(ready[0], &byte, 1) == 1);
    }
}

static void shared_memory_counts_once_where_it_matters(void)
{
    uint64_t bound, exact, pids;
    start_init(shared_by_three);
    sample(-1, NO_LIMIT, &bound, &pids);
    check(bound >= 72 * MIB);
    sample(-1, 40 * MIB, &exact, &pids);
    check(exact >= 24 * MIB && exact < 32 * MIB);
}

static void nested_init(void)
{
    check(unshare(CLONE_NEWPID) == 0);
    child(sixteen);
}

static void processes_of_nested_namespaces_count(void)
{
    uint64_t memory, pids;
    start_init(nested_init);
    sample(-1, NO_LIMIT, &memory, &pids);
    check(memory >= 16 * MIB);
    check_number(pids, 1);
}

static void processes_outside_do_not_count(void)
{
    uint64_t memory, pids;
    int ready[2];
    char byte;
    check(pipe(ready) == 0);
    pid_t outside = fork();
    if (outside == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        sixteen();
        check(write(ready[1], "r", 1) == 1);
        for (;;)
            pause();
    }
    check(read(ready[0], &byte, 1) == 1);
    start_init(nothing);
    sample(-1, NO_LIMIT, &memory, &pids);
    kill(outside, SIGKILL);
    check(memory < 4 * MIB);
    check_number(pids, 0);
}

static int scratch_fd = -1;

/* A tmpfs of this process alone. */
static void mount_scratch(void)
{
    separate(CLONE_NEWNS);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("gbtest", "/mnt", "tmpfs", 0, "size=64m") < 0)
        tap_skip("no private mounts: %s", strerror(errno));
    scratch_fd = open("/mnt", O_RDONLY | O_DIRECTORY);
}

static void write_scratch(void)
{
    int fd = open("/mnt/file", O_RDWR | O_CREAT, 0600);
    check(fd >= 0 && ftruncate(fd, 8 * MIB) == 0);
    take(8 * MIB, MAP_SHARED, fd);
    take(4 * MIB, MAP_SHARED | MAP_ANONYMOUS, -1); /* not of the scratch file system */
}

static void what_scratch_holds_counts_once_also_when_it_is_mapped(void)
{
    uint64_t bound, exact, without, pids;
    mount_scratch();
    start_init(write_scratch);
    sample(scratch_fd, NO_LIMIT, &bound, &pids);
    check(bound >= 20 * MIB && bound < 24 * MIB); /* an upper bound: mapped and held */
    sample(scratch_fd, 12 * MIB, &exact, &pids);
    check(exact >= 12 * MIB && exact < 16 * MIB);
    sample(-1, NO_LIMIT, &without, &pids);
    check(without >= 12 * MIB && without < 16 * MIB);
}

static void an_init_that_is_gone_is_an_error(void)
{
    struct gb_error error;
    uint64_t memory, pids;
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    waitpid(pid, NULL, 0);
    check(gb_sample(pid, -1, NO_LIMIT, &memory, &pids, &error) == -1);
    check_number(error.number, ESRCH);
    check_text(error.stage, "sample");
}

#define CASE(title, function) {title, function}
int main(int argc, char **argv)
{
    static const struct tap_case cases[] = {
        CASE("private memory of every process is summed", private_memory_of_every_process_is_summed),
        CASE("an init alone counts no processes", an_init_alone_counts_no_processes),
        CASE("threads count as processes do", threads_count_as_processes_do),
        CASE("shared memory counts once where it matters", shared_memory_counts_once_where_it_matters),
        CASE("processes of nested namespaces count", processes_of_nested_namespaces_count),
        CASE("processes outside do not count", processes_outside_do_not_count),
        CASE("what scratch holds counts once, also when it is mapped", what_scratch_holds_counts_once_also_when_it_is_mapped),
        CASE("an init that is gone is an error", an_init_that_is_gone_is_an_error),
    };
    return tap_main(argc, argv, cases, sizeof cases / sizeof cases[0], NULL);
}
