/*
 * Memory and process counts of a sandbox without a cgroup, from the supervisor's own /proc. A process belongs to the sandbox when its
 * PID namespace is the init's or lies below it: parentage would miss those that entered through setns.
 */
#include "cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#define MAX_NESTING 32 /* the kernel's own bound on PID namespaces */

struct totals {
    uint64_t anonymous, shared, tasks; /* bytes, bytes, count */
    uint64_t mapped_scratch;           /* of `shared`: pages of the scratch file system, which counts them itself */
};

static void add_path(struct gb_text *path, const char *pid, const char *file)
{
    path->length = 0;
    gb_text_add(path, pid);
    gb_text_add(path, file);
}

/* The number after `key`, which stands at the beginning of a line; kB become bytes. 0 where it is missing. */
static uint64_t field(const char *text, const char *key)
{
    const char *at = strstr(text, key);
    if (!at)
        return 0;
    at += strlen(key);
    at += strspn(at, " \t");
    uint64_t number = gb_cg_sum(at, NULL);
    at += strspn(at, "0123456789");
    if (number == GB_UNSET)
        return 0;
    return strncmp(at, " kB", 3) == 0 ? number * 1024 : number;
}

/* Whether the namespace behind `fd` is `inode` or one of its descendants. Closes fd. */
static bool is_below(int fd, ino_t inode)
{
    for (int level = 0; fd >= 0 && level <= MAX_NESTING; level++) {
        struct stat found;
        bool same = fstat(fd, &found) == 0 && found.st_ino == inode;
        int parent = same ? -1 : ioctl(fd, NS_GET_PARENT);
        close(fd);
        if (same)
            return true;
        fd = parent;
    }
    return false;
}

/* Pages of `device` mapped by the process, each divided by the number of its users. */
static uint64_t mapped_from(int proc, const char *pid, dev_t device)
{
    struct gb_text path = {0};
    add_path(&path, pid, "/smaps");
    int fd = openat(proc, path.bytes, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    struct gb_text want = {0}; /* " MM:mm ", hexadecimal, two digits at least, as maps shows it */
    static const char hex[] = "0123456789abcdef";
    unsigned numbers[2] = {major(device), minor(device)};
    for (int i = 0; i < 2; i++) {
        gb_text_add(&want, i ? ":" : " ");
        int shift = numbers[i] > 0xfff ? 16 : numbers[i] > 0xff ? 8 : 4;
        for (; shift >= 0; shift -= 4)
            gb_text_add(&want, (char[]){hex[numbers[i] >> shift & 15], 0});
    }
    gb_text_add(&want, " ");
    uint64_t sum = 0;
    bool inside = false;
    char buffer[4096 + 512];
    size_t held = 0;
    for (ssize_t count; (count = read(fd, buffer + held, sizeof buffer - 1 - held)) > 0;) {
        held += (size_t)count;
        buffer[held] = 0;
        char *line = buffer;
        for (char *end; (end = strchr(line, '\n')); line = end + 1) {
            *end = 0;
            if (!(*line >= 'A' && *line <= 'Z')) /* a mapping's own line begins with its address */
                inside = strstr(line, want.bytes) != NULL;
            else if (inside && strncmp(line, "Pss:", 4) == 0)
                sum += field(line, "Pss:");
        }
        held = strlen(line);
        if (held == sizeof buffer - 1)
            held = 0;
        memmove(buffer, line, held);
    }
    close(fd);
    return sum;
}

static void add_process(int proc, const char *pid, const dev_t *refine, struct totals *totals)
{
    char text[4096];
    struct gb_text path = {0};
    if (refine) {
        add_path(&path, pid, "/smaps_rollup");
        if (gb_cg_read(proc, path.bytes, text, sizeof text) > 0) {
            totals->anonymous += field(text, "\nPss_Anon:");
            totals->shared += field(text, "\nPss_Shmem:");
            if (*refine)
                totals->mapped_scratch += mapped_from(proc, pid, *refine);
        }
        return;
    }
    add_path(&path, pid, "/status");
    if (gb_cg_read(proc, path.bytes, text, sizeof text) <= 0)
        return;
    totals->anonymous += field(text, "\nRssAnon:");
    totals->shared += field(text, "\nRssShmem:");
    totals->tasks += field(text, "\nThreads:");
}

/* refine NULL: cheap upper bounds and the task count; else exact memory, and the scratch file system's device (0: none). */
static int walk(int proc, ino_t namespace, const dev_t *refine, struct totals *totals)
{
    int listing_fd = openat(proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = listing_fd < 0 ? NULL : fdopendir(listing_fd);
    if (!listing) {
        if (listing_fd >= 0)
            close(listing_fd);
        return -1;
    }
    for (struct dirent *entry; (entry = readdir(listing));) {
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
            continue;
        struct gb_text path = {0};
        add_path(&path, entry->d_name, "/ns/pid");
        if (is_below(openat(proc, path.bytes, O_RDONLY | O_CLOEXEC), namespace))
            add_process(proc, entry->d_name, refine, totals);
    }
    closedir(listing);
    return 0;
}

int gb_sample(pid_t init, int scratch, uint64_t limit, uint64_t *memory, uint64_t *pids, struct gb_error *error)
{
    int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (proc < 0)
        return gb_fail(error, "sample", "/proc");
    struct gb_text path = {0};
    struct stat namespace, place = {0};
    struct totals totals = {0};
    gb_text_number(&path, (uint64_t)init);
    gb_text_add(&path, "/ns/pid");
    if (fstatat(proc, path.bytes, &namespace, 0) < 0 || walk(proc, namespace.st_ino, NULL, &totals) < 0) {
        if (errno == ENOENT)
            errno = ESRCH;
        gb_fail(error, "sample", path.bytes);
        close(proc);
        return -1;
    }
    uint64_t held = 0;
    struct statfs fs;
    if (scratch >= 0 && fstatfs(scratch, &fs) == 0 && fstat(scratch, &place) == 0)
        held = (uint64_t)(fs.f_blocks - fs.f_bfree) * (uint64_t)fs.f_bsize;
    *memory = totals.anonymous + totals.shared + held;
    *pids = totals.tasks ? totals.tasks - 1 : 0;
    if (*memory > limit) {
        struct totals exact = {0};
        if (walk(proc, namespace.st_ino, &place.st_dev, &exact) == 0 && exact.anonymous) {
            uint64_t shared = exact.shared > exact.mapped_scratch ? exact.shared - exact.mapped_scratch : 0;
            *memory = exact.anonymous + shared + held;
        }
    }
    close(proc);
    return 0;
}
