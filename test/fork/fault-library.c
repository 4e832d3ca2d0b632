/*
 * Makes one moment of a fork go wrong. Preloaded into a template behind glovebox-fork.so, whose calls of the C library so come here. Before each
 * fork of the template it reads "MOMENT ACTION" from the file that GBTEST_FAULT names.
 *
 *   in the template       fork (before it), forked (after it)
 *   in the forked child   setns, descriptors (when it has entered), populate, message (before it reads the first one), begun (when it has
 *                         written its first one), getaddrinfo
 *
 * Actions: kill (oneself), hang, refuse (ENOMEM), eat (memory, until somebody ends it). With a third word, `once`, the file is removed by the fork that reads it; with a
 * number, only that fork of the process meets it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define CHANNEL 3
#define next(name) dlsym(RTLD_NEXT, name)

static char moment[32], action[32];
static bool child;

static void read_fault(void)
{
    const char *path = getenv("GBTEST_FAULT");
    FILE *file = path == NULL ? NULL : fopen(path, "re");
    moment[0] = action[0] = '\0';
    if (file == NULL)
        return;
    char which[8] = "";
    static unsigned long forks;
    forks++;
    if (fscanf(file, "%31s %31s %7s", moment, action, which) < 2)
        moment[0] = '\0';
    if (strcmp(which, "once") == 0)
        unlink(path);
    else if (which[0] != '\0' && strtoul(which, NULL, 10) != forks)
        moment[0] = '\0';
    fclose(file);
}

/* Whether the call is to be refused. */
static bool at(const char *name)
{
    if (strcmp(moment, name) != 0)
        return false;
    if (strcmp(action, "kill") == 0)
        kill(getpid(), SIGKILL);
    while (strcmp(action, "hang") == 0)
        pause();
    while (strcmp(action, "eat") == 0)
        mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    errno = ENOMEM;
    return strcmp(action, "refuse") == 0;
}

pid_t fork(void)
{
    pid_t (*real)(void) = next("fork");
    if (child)
        return real();
    read_fault();
    if (at("fork"))
        return -1;
    pid_t pid = real();
    child = pid == 0;
    if (!child)
        at("forked");
    return pid;
}

int setns(int fd, int type)
{
    int (*real)(int, int) = next("setns");
    return child && at("setns") ? -1 : real(fd, type);
}

int dup3(int from, int to, int flags)
{
    int (*real)(int, int, int) = next("dup3");
    return child && to <= 3 && at("descriptors") ? -1 : real(from, to, flags);
}

ssize_t read(int fd, void *buffer, size_t size)
{
    ssize_t (*real)(int, void *, size_t) = next("read");
    return child && fd == CHANNEL && at("message") ? -1 : real(fd, buffer, size);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    ssize_t (*real)(int, const struct iovec *, int) = next("writev");
    ssize_t written = real(fd, parts, count);
    if (child && fd == CHANNEL)
        at("begun");
    return written;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = next("getaddrinfo");
    return child && at("getaddrinfo") ? EAI_MEMORY : real(node, service, hints, result);
}

/* glovebox-fork.so populates pages by madvise(), which is one of its own definitions. */
long syscall(long number, ...)
{
    long (*real)(long, ...) = next("syscall");
    long arguments[6];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < 6; i++)
        arguments[i] = va_arg(list, long);
    va_end(list);
    bool populates = number == SYS_madvise && (arguments[2] == 22 || arguments[2] == 23);
    if (child && populates && at("populate"))
        return -1;
    return real(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}
