#include "process.h"
#include "compat.h"
#include "namespace.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

/*
 * The child is a vfork: it shares the init's memory until it executes, so that not one page is copied, and an error is
 * reported by filling in the parent's own structure. It therefore only makes system calls and writes to its locals.
 */

#define CAPABILITY(number) (UINT64_C(1) << (number))
#define FILE_CAPABILITIES (CAPABILITY(CAP_CHOWN) | CAPABILITY(CAP_DAC_OVERRIDE) | CAPABILITY(CAP_FOWNER) \
    | CAPABILITY(CAP_FSETID) | CAPABILITY(CAP_SETUID) | CAPABILITY(CAP_SETGID))

static int default_signals(struct gb_error *error)
{
    for (int number = 1; number < 32; number++) {
        if (number != SIGKILL && number != SIGSTOP)
            signal(number, SIG_DFL);
    }
    sigset_t none;
    sigemptyset(&none);
    return sigprocmask(SIG_SETMASK, &none, NULL) == 0 ? 0 : gb_fail(error, "signals", NULL);
}

static int place_descriptors(const int stdio[4], struct gb_error *error)
{
    for (int target = 0; target < 4; target++) {
        if (stdio[target] < 0) {
            close(target);
            continue;
        }
        int result = stdio[target] == target ? fcntl(target, F_SETFD, 0) : dup2(stdio[target], target);
        if (result < 0)
            return gb_fail(error, "descriptors", NULL);
    }
    /* Everything is close-on-exec already; this also covers what the runner let the supervisor inherit. */
    return gb_close_range(4, ~0u, GB_CLOSE_RANGE_CLOEXEC) == 0 ? 0 : gb_fail(error, "descriptors", NULL);
}

static int set_rlimit(int resource, uint64_t value, const char *stage, struct gb_error *error)
{
    if (value == GB_UNSET)
        return 0;
    const struct rlimit limit = {.rlim_cur = value, .rlim_max = value};
    return setrlimit(resource, &limit) == 0 ? 0 : gb_fail(error, stage, NULL);
}

static int set_rlimits(const struct gb_worker *worker, struct gb_error *error)
{
    if (set_rlimit(RLIMIT_NOFILE, worker->rlimits[GB_R_NOFILE], "rlimit-nofile", error) != 0
        || set_rlimit(RLIMIT_FSIZE, worker->rlimits[GB_R_FSIZE], "rlimit-fsize", error) != 0
        || set_rlimit(RLIMIT_CORE, worker->rlimits[GB_R_CORE], "rlimit-core", error) != 0
        || set_rlimit(RLIMIT_STACK, worker->rlimits[GB_R_STACK], "rlimit-stack", error) != 0)
        return -1;
    return set_rlimit(RLIMIT_NPROC, worker->processes, "rlimit-nproc", error);
}

static int drop_capabilities(uint64_t keep, struct gb_error *error)
{
    for (int number = 0; number < 64; number++) {
        if (!(keep & CAPABILITY(number)) && prctl(PR_CAPBSET_DROP, number, 0, 0, 0) != 0) {
            if (errno == EINVAL)
                break; /* beyond the last one that the kernel knows */
            return gb_fail(error, "drop-capabilities", NULL);
        }
    }
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {
        {.effective = (uint32_t)keep, .permitted = (uint32_t)keep},
        {.effective = (uint32_t)(keep >> 32), .permitted = (uint32_t)(keep >> 32)},
    };
    return syscall(SYS_capset, &header, data) == 0 ? 0 : gb_fail(error, "drop-capabilities", NULL);
}

static const char *path_of(char **environment)
{
    for (; *environment != NULL; environment++) {
        if (strncmp(*environment, "PATH=", 5) == 0)
            return *environment + 5;
    }
    return "/usr/local/bin:/usr/bin:/bin";
}

/* Returns only on failure; as execvp, with the worker's own PATH. */
static void execute(const struct gb_worker *worker)
{
    const char *file = worker->argv[0];
    if (strchr(file, '/') != NULL || file[0] == '\0') {
        execve(file, worker->argv, worker->environment);
        return;
    }
    char path[4096];
    size_t file_length = strlen(file);
    int found = ENOENT;
    for (const char *at = path_of(worker->environment);; at++) {
        size_t length = strcspn(at, ":");
        if (length + file_length + 2 <= sizeof path) {
            memcpy(path, at, length);
            path[length] = '/';
            memcpy(path + length + (length > 0), file, file_length + 1);
            execve(path, worker->argv, worker->environment);
            if (errno != ENOENT && errno != ENOTDIR)
                found = errno;
        }
        at += length;
        if (*at == '\0')
            break;
    }
    errno = found;
}

/* child */
static void become_worker(const struct gb_worker *worker, struct gb_error *error)
{
    if (setsid() < 0) {
        gb_fail(error, "setsid", NULL);
        return;
    }
    if (default_signals(error) != 0)
        return;
    if (!(worker->umask & 01000))
        umask((mode_t)worker->umask);
    if (worker->oom_score_adj != NULL)
        gb_write_file(AT_FDCWD, "/proc/self/oom_score_adj", worker->oom_score_adj, strlen(worker->oom_score_adj));
    if (chdir(worker->cwd) != 0) {
        gb_fail(error, "chdir", worker->cwd);
        return;
    }
    if (place_descriptors(worker->stdio, error) != 0 || set_rlimits(worker, error) != 0
        || drop_capabilities(worker->keep_file_capabilities ? FILE_CAPABILITIES : 0, error) != 0)
        return;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        gb_fail(error, "no-new-privileges", NULL);
        return;
    }
    if (worker->seccomp && gb_seccomp_install() != 0) {
        gb_fail(error, "seccomp", NULL);
        return;
    }
    execute(worker);
    gb_fail(error, "execute", worker->argv[0]);
}

pid_t gb_spawn(const struct gb_worker *worker, struct gb_error *error)
{
    error->stage = NULL;
    pid_t child = vfork();
    if (child == 0) {
        become_worker(worker, error);
        _exit(127);
    }
    if (child < 0)
        return gb_fail(error, "fork", NULL);
    if (error->stage == NULL)
        return child;
    waitpid(child, NULL, 0);
    return -1;
}
