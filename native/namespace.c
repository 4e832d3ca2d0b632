#include "namespace.h"
#include "compat.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

pid_t gb_clone(uint64_t flags, int cgroup, int *pidfd)
{
    *pidfd = -1;
    const struct gb_clone_args args = {
        .flags = flags | CLONE_PIDFD | CLONE_INTO_CGROUP,
        .pidfd = (uint64_t)(uintptr_t)pidfd,
        .exit_signal = SIGCHLD,
        .cgroup = (uint64_t)cgroup,
    };
    /* Container runtimes hide clone3 behind ENOSYS, and refuse clone with the true reason. */
    const pid_t child = (pid_t)(cgroup < 0 ? syscall(SYS_clone, flags | CLONE_PIDFD | SIGCHLD, NULL, pidfd, NULL, NULL)
                                           : syscall(SYS_clone3, &args, sizeof args));
    if (child < 0)
        *pidfd = -1; /* where a limit of processes refuses it, the kernel has left a number there that is no descriptor */
    return child;
}

int gb_write_file(int dir, const char *path, const char *text, size_t length)
{
    int file = openat(dir, path, O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return -1;
    ssize_t written = write(file, text, length);
    int saved = errno;
    close(file);
    errno = saved;
    return written == (ssize_t)length ? 0 : -1;
}

struct gb_id_map gb_id_map_of_caller(void)
{
    return (struct gb_id_map){.full = geteuid() == 0,
        .uid_inside = geteuid(), .uid_outside = geteuid(), .gid_inside = getegid(), .gid_outside = getegid()};
}

/* The identity map of what is mapped here already: "inside outside count" becomes "inside inside count". A kernel takes
 * 340 lines; more than a page of them is not worth having. */
static size_t identity_map(const char *name, char *text, size_t room)
{
    char path[32], own[2048];
    snprintf(path, sizeof path, "/proc/self/%s", name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t got = read(file, own, sizeof own - 1);
    close(file);
    if (got <= 0)
        return 0;
    own[got] = '\0';
    size_t used = 0;
    for (char *line = own; *line != '\0';) {
        unsigned long inside, outside, count;
        int length = 0;
        if (sscanf(line, " %lu %lu %lu%n", &inside, &outside, &count, &length) != 3)
            break;
        int wrote = snprintf(text + used, room - used, "%lu %lu %lu\n", inside, inside, count);
        if (wrote < 0 || (size_t)wrote >= room - used)
            return 0;
        used += (size_t)wrote;
        line += length;
        line += strspn(line, "\n");
    }
    return used;
}

static int write_map(pid_t child, const char *name, const char *text, size_t length, struct gb_error *error)
{
    char path[48];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)child, name);
    return gb_write_file(AT_FDCWD, path, text, length) == 0 ? 0 : gb_fail(error, "write-id-map", path);
}

int gb_write_id_map(pid_t child, const struct gb_id_map *map, struct gb_error *error)
{
    char text[2048];
    size_t length;
    if (map->full) {
        if ((length = identity_map("uid_map", text, sizeof text)) == 0)
            return gb_fail(error, "write-id-map", "/proc/self/uid_map");
        if (write_map(child, "uid_map", text, length, error) != 0)
            return -1;
        if ((length = identity_map("gid_map", text, sizeof text)) == 0)
            return gb_fail(error, "write-id-map", "/proc/self/gid_map");
        return write_map(child, "gid_map", text, length, error);
    }
    length = (size_t)snprintf(text, sizeof text, "%u %u 1\n", map->uid_inside, map->uid_outside);
    if (write_map(child, "uid_map", text, length, error) != 0)
        return -1;
    /* Who may not map groups may not leave them either. Below such a namespace it is denied already. */
    if (write_map(child, "setgroups", "deny", 4, error) != 0)
        return -1;
    length = (size_t)snprintf(text, sizeof text, "%u %u 1\n", map->gid_inside, map->gid_outside);
    return write_map(child, "gid_map", text, length, error);
}

int gb_enter_time(int64_t monotonic, int64_t boottime, struct gb_error *error)
{
    if (unshare(CLONE_NEWTIME) != 0)
        return gb_fail(error, "unshare-time", NULL);
    char text[96];
    int length = snprintf(text, sizeof text, "monotonic %lld 0\nboottime %lld 0\n", (long long)monotonic, (long long)boottime);
    if (gb_write_file(AT_FDCWD, "/proc/self/timens_offsets", text, (size_t)length) != 0)
        return gb_fail(error, "time-offsets", "/proc/self/timens_offsets");
    /* unshare is for children only; but older kernels refuse vfork to a process whose children are to live in another time */
    int own = open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
    int result = own < 0 || setns(own, CLONE_NEWTIME) != 0 ? gb_fail(error, "enter-time", "/proc/self/ns/time_for_children") : 0;
    if (own >= 0)
        close(own);
    return result;
}
