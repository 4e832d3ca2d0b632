/*
 * What fork() would leave shared between a template and all of its workers, of event loops. libuv's uv_loop_fork() renews the
 * default loop only; Node.js has others, of its tracing agent for example, which it runs when a process ends: workers that ended at
 * once met there, and one of them aborted.
 *
 *  - io_uring rings are shared memory, so a template has none: it is told that the kernel does not know them, and libuv then does
 *    without. Nor has the default loop of a worker, for which making and ending a ring costs more than it saves.
 *  - epoll sets and eventfds are replaced by new ones in the child. Written to, a shared one would wake the template.
 */
#include "fork.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_EVENT_FDS 64

struct event_fd {
    int fd;
    bool is_epoll;
};

static bool rings_allowed;
static struct event_fd event_fds[MAX_EVENT_FDS];
static unsigned event_fd_count;

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

void gb_events_prepare(void)
{
    DIR *directory = opendir("/proc/self/fd");
    struct dirent *entry;
    event_fd_count = 0;
    while (directory != NULL && (entry = readdir(directory)) != NULL && event_fd_count < MAX_EVENT_FDS) {
        char target[64];
        ssize_t length = readlinkat(dirfd(directory), entry->d_name, target, sizeof target - 1);
        if (length < 0)
            continue;
        target[length] = '\0';
        bool is_epoll = strcmp(target, "anon_inode:[eventpoll]") == 0;
        if (is_epoll || strcmp(target, "anon_inode:[eventfd]") == 0)
            event_fds[event_fd_count++] = (struct event_fd){.fd = atoi(entry->d_name), .is_epoll = is_epoll};
    }
    if (directory != NULL)
        closedir(directory);
}

int gb_events_renew(void)
{
    for (unsigned i = 0; i < event_fd_count; i++) {
        int made = event_fds[i].is_epoll ? epoll_create1(EPOLL_CLOEXEC) : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (made < 0 || dup3(made, event_fds[i].fd, O_CLOEXEC) < 0)
            return -1;
        close(made);
    }
    return 0;
}
