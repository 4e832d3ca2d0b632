#include "process.h"
#include "compat.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

/*
 * The child is a vfork: it shares the init's memory until it executes, so that not one page is copied, and an error is
 * reported by filling in the parent's own structure. It therefore only makes system calls and writes to its locals.
 */

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
    if (default_signals(error) != 0 || place_descriptors(worker->stdio, error) != 0
        || (worker->is_template ? gb_keep_for_template(worker, error) : gb_confine(worker, error)) != 0)
        return;
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
