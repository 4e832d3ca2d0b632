/*
 * What a template may not have when it serves, for its workers would lose it or share it: threads (fork() copies one), open files and sockets
 * (their offsets, their other ends, directories outside of the sandbox), memory that is shared. Modules that were loaded ahead may have
 * made some; with the reason, workers are started afresh.
 */
#include "fork.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_FDS 4096

/* Those of Node.js itself. */
static bool own_fds[MAX_FDS];

struct reason {
    char *text;
    size_t capacity;
    bool given;
};

/* The first one counts. */
__attribute__((format(printf, 2, 3))) static void give(struct reason *reason, const char *format, ...)
{
    va_list list;
    if (reason->given)
        return;
    va_start(list, format);
    vsnprintf(reason->text, reason->capacity, format, list);
    va_end(list);
    reason->given = true;
}

typedef void visitor(struct reason *reason, int directory, const char *name);

static void visit(const char *path, visitor *visitor, struct reason *reason)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] != '.')
            visitor(reason, dirfd(directory), entry->d_name);
    }
    if (directory != NULL)
        closedir(directory);
}

/* ---- threads ---- */

static void check_task(struct reason *reason, int directory, const char *name)
{
    pid_t task = (pid_t)atoi(name);
    const char *file;
    (void)directory;
    if (task == getpid() || !gb_thread_is_foreign(task, &file))
        return;
    char executable[4096];
    ssize_t length = readlink("/proc/self/exe", executable, sizeof executable - 1);
    executable[length < 0 ? 0 : length] = '\0';
    if (file != NULL && strcmp(file, executable) == 0)
        give(reason, "a module that it loaded started a worker thread, which a fork would lose");
    else
        give(reason, "%s started a thread, which a fork would lose", file != NULL ? file : "a module that it loaded");
}

static void check_threads(struct reason *reason)
{
    bool rest = gb_hold_threads(); /* those of libuv's pool are known by where they wait */
    visit("/proc/self/task", check_task, reason);
    gb_release_threads();
    if (!rest)
        give(reason, "its threads do not come to rest");
}

/* ---- descriptors ---- */

static void note_fd(struct reason *reason, int directory, const char *name)
{
    int fd = atoi(name);
    (void)reason;
    if (fd != directory && fd < MAX_FDS)
        own_fds[fd] = true;
}

static bool is_renewed(const char *target)
{
    return strcmp(target, "anon_inode:[eventpoll]") == 0 || strcmp(target, "anon_inode:[eventfd]") == 0;
}

static bool is_stateless(const char *target)
{
    return strcmp(target, "/dev/null") == 0 || strcmp(target, "/dev/urandom") == 0 || strcmp(target, "/dev/random") == 0;
}

static void check_fd(struct reason *reason, int directory, const char *name)
{
    char target[4096];
    int fd = atoi(name);
    ssize_t length = readlinkat(directory, name, target, sizeof target - 1);
    if (length < 0 || fd == directory || (fd < MAX_FDS && own_fds[fd]))
        return;
    target[length] = '\0';
    if (is_renewed(target) || is_stateless(target) || gb_is_pipe_to_itself(fd))
        return;
    const char *what = strncmp(target, "socket:", 7) == 0 ? "a socket" : strncmp(target, "pipe:", 5) == 0 ? "a pipe" : target;
    give(reason, "a module that it loaded keeps %s open, which its workers would share", what);
}

/* ---- memory ---- */

static void check_memory(struct reason *reason)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char *line = NULL;
    size_t capacity = 0;
    char permissions[5];
    while (maps != NULL && getline(&line, &capacity, maps) > 0) {
        if (sscanf(line, "%*s %4s", permissions) == 1 && permissions[1] == 'w' && permissions[3] == 's')
            give(reason, "a module that it loaded has memory that its workers would share");
    }
    free(line);
    if (maps != NULL)
        fclose(maps);
}

void gb_template_begin(void)
{
    struct reason none = {.given = true};
    gb_threads_begin();
    visit("/proc/self/fd", note_fd, &none);
}

bool gb_template_check(char *reason, size_t capacity)
{
    struct reason first = {.text = reason, .capacity = capacity};
    gb_events_prepare();
    check_threads(&first);
    visit("/proc/self/fd", check_fd, &first);
    check_memory(&first);
    return !first.given;
}
