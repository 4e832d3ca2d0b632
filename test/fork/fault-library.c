/*
 * Makes one moment of a fork go wrong. Preloaded into a template behind glovebox-fork.so, whose calls of the C library so come here. Before each
 * fork of the template it reads "MOMENT ACTION" from the file that GBTEST_FAULT names.
 *
 *   in the template       fork (before it), forked (after it)
 *   in the forked child   setns, populate, descriptors (when it has entered), getaddrinfo
 *
 * Actions: kill (oneself), hang, refuse (ENOMEM). With a third word, `once`, the file is removed by the fork that reads it.
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
#include <unistd.h>

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
    char once[8] = "";
    if (fscanf(file, "%31s %31s %7s", moment, action, once) < 2)
        moment[0] = '\0';
    if (strcmp(once, "once") == 0)
        unlink(path);
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
