/*
 * What fork() would leave shared between a template and all of its workers, of event loops. libuv's uv_loop_fork() renews the
 * default loop only; Node.js has others, of its tracing agent for example, which it runs when a process ends: workers that ended at
 * once met there, and one of them aborted.
 *
 *  - io_uring rings are shared memory, so a template has none: it is told that the kernel does not know them, and libuv then does
 *    without. Nor has the default loop of a worker, for which making and ending a ring costs more than it saves.
 *  - epoll sets, eventfds and pipes to oneself (of libuv's signals) are replaced by new ones in the child; a set waits for what the old one
 *    waited for. Written to, a shared one would wake the template, or carry words from file to file.
 *
 * The pipe that guards libuv's signal handlers libuv itself has replaced by then, and put its token into.
 */
#include "fork.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_EVENT_FDS 64
#define MAX_WATCHES 64

enum kind { EPOLL, EVENT, PIPE };

struct event_fd {
    enum kind kind;
    int fd;
    int other; /* of a pipe: `fd` is the end to read from, this the one to write to */
    ino_t pipe;
};

/* Of an epoll set. */
struct watch {
    int set, fd;
    struct epoll_event event;
};

static bool rings_allowed;
static struct event_fd event_fds[MAX_EVENT_FDS];
static unsigned event_fd_count;
static struct watch watches[MAX_WATCHES];
static unsigned watch_count;

typedef long syscall_function(long number, ...);

/* libuv makes its rings by this function of libc. */
GB_EXPORT long syscall(long number, ...)
{
    static syscall_function *real;
    if (number == SYS_io_uring_setup && !rings_allowed) {
        errno = ENOSYS;
        return -1;
    }
    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "syscall");
    long arguments[6];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < 6; i++)
        arguments[i] = va_arg(list, long); /* those that were not passed are ignored by the kernel */
    va_end(list);
    return real(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}

void gb_allow_rings(void)
{
    rings_allowed = true;
}

/* ---- what a template has ---- */

static void read_watches(int set)
{
    char path[64], line[128];
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", set);
    FILE *info = fopen(path, "re");
    while (info != NULL && fgets(line, sizeof line, info) != NULL && watch_count < MAX_WATCHES) {
        struct watch watch = {.set = set};
        unsigned events;
        unsigned long long data;
        if (sscanf(line, "tfd: %d events: %x data: %llx", &watch.fd, &events, &data) != 3)
            continue;
        watch.event = (struct epoll_event){.events = events, .data.u64 = data};
        watches[watch_count++] = watch;
    }
    if (info != NULL)
        fclose(info);
}

static ino_t pipe_of(int fd)
{
    struct stat facts;
    return fstat(fd, &facts) == 0 && S_ISFIFO(facts.st_mode) ? facts.st_ino : 0;
}

static bool is_writing_end(int fd)
{
    return (fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY;
}

/* Both ends of a pipe are needed to replace it. */
static void add_pipe(int fd, ino_t pipe)
{
    for (unsigned i = 0; i < event_fd_count; i++) {
        struct event_fd *known = &event_fds[i];
        if (known->kind == PIPE && known->pipe == pipe) {
            *(is_writing_end(fd) ? &known->other : &known->fd) = fd;
            return;
        }
    }
    struct event_fd *added = &event_fds[event_fd_count++];
    *added = (struct event_fd){.kind = PIPE, .fd = -1, .other = -1, .pipe = pipe};
    *(is_writing_end(fd) ? &added->other : &added->fd) = fd;
}

static void add(int fd, const char *target)
{
    ino_t pipe;
    if (strcmp(target, "anon_inode:[eventpoll]") == 0) {
        event_fds[event_fd_count++] = (struct event_fd){.kind = EPOLL, .fd = fd};
        read_watches(fd);
    } else if (strcmp(target, "anon_inode:[eventfd]") == 0) {
        event_fds[event_fd_count++] = (struct event_fd){.kind = EVENT, .fd = fd};
    } else if (fd > GB_TEMPLATE_FD && (pipe = pipe_of(fd)) != 0) {
        add_pipe(fd, pipe);
    }
}

void gb_events_prepare(void)
{
    DIR *directory = opendir("/proc/self/fd");
    struct dirent *entry;
    event_fd_count = watch_count = 0;
    while (directory != NULL && (entry = readdir(directory)) != NULL && event_fd_count < MAX_EVENT_FDS) {
        char target[64];
        ssize_t length = readlinkat(dirfd(directory), entry->d_name, target, sizeof target - 1);
        if (length < 0)
            continue;
        target[length] = '\0';
        add(atoi(entry->d_name), target);
    }
    if (directory != NULL)
        closedir(directory);
}

bool gb_is_pipe_to_itself(int fd)
{
    for (unsigned i = 0; i < event_fd_count; i++) {
        const struct event_fd *known = &event_fds[i];
        if (known->kind == PIPE && (known->fd == fd || known->other == fd))
            return known->fd >= 0 && known->other >= 0;
    }
    return false;
}

/* ---- what a child has instead ---- */

static int replace(int fd, int made)
{
    if (made < 0 || dup3(made, fd, O_CLOEXEC) < 0)
        return -1;
    return close(made);
}

static int replace_pipe(const struct event_fd *old)
{
    int made[2];
    if (old->fd < 0 || old->other < 0 || pipe_of(old->fd) != old->pipe)
        return 0;
    if (pipe2(made, O_CLOEXEC | (fcntl(old->fd, F_GETFL) & O_NONBLOCK)) != 0)
        return -1;
    return replace(old->fd, made[0]) == 0 && replace(old->other, made[1]) == 0 ? 0 : -1;
}

static int renew(const struct event_fd *old)
{
    switch (old->kind) {
    case EPOLL:
        return replace(old->fd, epoll_create1(EPOLL_CLOEXEC));
    case EVENT:
        return replace(old->fd, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    case PIPE:
        return replace_pipe(old);
    }
    return -1;
}

int gb_events_renew(void)
{
    for (unsigned i = 0; i < event_fd_count; i++) {
        if (renew(&event_fds[i]) != 0)
            return -1;
    }
    for (unsigned i = 0; i < watch_count; i++)
        epoll_ctl(watches[i].set, EPOLL_CTL_ADD, watches[i].fd, &watches[i].event); /* what cannot be waited for is gone */
    return 0;
}
