/*
 * When a template dies, its children become the supervisor's, which knows of a worker only once the template has told of it. One that was
 * forked in the last moment must be reaped all the same: the init of its PID namespace cannot end before. What modules that were loaded
 * ahead started beside the template ends here, too.
 */
#include "template.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 100 /* with a process that was killed */

static bool is_known(const struct gb_supervisor *supervisor, pid_t pid)
{
    for (unsigned i = 0; i < GB_MAX_TEMPLATES; i++) {
        if (supervisor->templates[i].pid == pid)
            return true;
    }
    for (unsigned i = 0; i < supervisor->used; i++) {
        const struct gb_sandbox *sandbox = &supervisor->sandboxes[i];
        bool alive = sandbox->state != GB_S_FREE && sandbox->state != GB_S_ENDED;
        if (alive && (sandbox->init == pid || sandbox->forwarder == pid || (sandbox->orphan >= 0 && sandbox->worker == pid)))
            return true;
    }
    return false;
}

static pid_t parent_of(int proc, const char *pid)
{
    char path[32], text[512];
    int parent = 0;
    snprintf(path, sizeof path, "%.20s/stat", pid);
    int file = openat(proc, path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : read(file, text, sizeof text - 1);
    if (file >= 0)
        close(file);
    text[length < 0 ? 0 : length] = '\0';
    const char *name_end = strrchr(text, ')');
    return name_end != NULL && sscanf(name_end + 1, " %*c %d", &parent) == 1 ? (pid_t)parent : 0;
}

static void end(pid_t pid)
{
    const struct timespec moment = {.tv_nsec = 1000000};
    kill(pid, SIGKILL);
    for (int i = 0; i < PATIENCE_MS && waitpid(pid, NULL, WNOHANG) == 0; i++)
        nanosleep(&moment, NULL);
}

void gb_end_strays(const struct gb_supervisor *supervisor)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    while (proc != NULL && (entry = readdir(proc)) != NULL) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid > 0 && parent_of(dirfd(proc), entry->d_name) == getpid() && !is_known(supervisor, pid))
            end(pid);
    }
    if (proc != NULL)
        closedir(proc);
}
