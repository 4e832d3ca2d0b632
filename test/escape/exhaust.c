/* The acts of act.c that use something up. */
#define _GNU_SOURCE
#include "act.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static long fill_memory_file(long megabytes)
{
    static char block[1 << 20];
    int fd = memfd_create("gbtest", 0);
    memset(block, 'x', sizeof block);
    for (long i = 0; fd >= 0 && i < megabytes; i++) {
        if (write(fd, block, sizeof block) != (ssize_t)sizeof block)
            return -1;
    }
    return fd;
}

static void *wait_for_ever(void *unused)
{
    pause();
    return unused;
}

static long start_threads(long count)
{
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    for (long i = 0; i < count; i++) {
        pthread_t thread;
        errno = pthread_create(&thread, &small, wait_for_ever, NULL);
        if (errno != 0)
            return -1;
    }
    return 0;
}

static long take_watchers(long count)
{
    for (long i = 0; i < count; i++) {
        if (inotify_init1(0) < 0)
            return -1;
    }
    return 0;
}

static long take_watches(long count)
{
    char path[64];
    int instance = inotify_init1(0);
    snprintf(path, sizeof path, "/tmp/gbtest-watched-%d", getpid());
    if (instance < 0 || mkdir(path, 0700) != 0 || chdir(path) != 0)
        return -1;
    long result = 0;
    for (long i = 0; result >= 0 && i < count; i++) {
        snprintf(path, sizeof path, "%ld", i);
        int file = open(path, O_CREAT | O_RDONLY, 0600);
        result = file < 0 ? -1 : inotify_add_watch(instance, path, IN_ATTRIB);
        close(file);
    }
    int saved = errno;
    for (long i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%ld", i);
        if (unlink(path) != 0)
            break;
    }
    snprintf(path, sizeof path, "/tmp/gbtest-watched-%d", getpid());
    rmdir(path);
    errno = saved;
    return result;
}

/* Full socket buffers, which are kernel memory. */
static long fill_sockets(long count)
{
    static char block[65536];
    for (long i = 0; i < count; i++) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0)
            return -1;
        while (write(pair[0], block, sizeof block) > 0)
            continue;
    }
    return 0;
}

static long take_keys(long count)
{
    for (long i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "gbtest-%d-%ld", getpid(), i);
        long key = syscall(SYS_add_key, "user", name, "x", 1, -2 /* the process's own keyring */);
        if (key < 0)
            return -1;
    }
    return 0;
}

/* Children that have ended and that nobody reaps while their parent lives; then all are the init's. */
static long leave_zombies(long count)
{
    for (long i = 0; i < count; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(0);
        if (child < 0)
            return -1;
    }
    return 0;
}

long (*exhausting(const char *name))(long)
{
    static const struct {
        const char *name;
        long (*act)(long);
    } all[] = {{"memfd", fill_memory_file}, {"threads", start_threads}, {"inotify", take_watchers}, {"watches", take_watches},
        {"sockets", fill_sockets}, {"keys", take_keys}, {"zombies", leave_zombies}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (strcmp(all[i].name, name) == 0)
            return all[i].act;
    }
    return NULL;
}
