/*
 * The base: one directory per hierarchy, `glovebox.PID-RANDOM`, below the cgroup that the runner itself is in. Its lock lives as
 * long as relay or supervisor; whoever finds it free may remove the directory with all that is left inside.
 */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#define LOCK_WAIT_MS 1000
#define REMOVE_MS 1000

static void add_reason(struct gb_cgroup_base *base, const char *subject, const char *text)
{
    struct gb_text all = {0};
    gb_text_add(&all, base->reason);
    gb_text_add(&all, base->reason[0] ? "; " : "");
    gb_text_add(&all, subject);
    gb_text_add(&all, ": ");
    gb_text_add(&all, text);
    all.bytes[sizeof base->reason - 1] = 0;
    memcpy(base->reason, all.bytes, sizeof base->reason);
}

/* Waits a bounded time: a lock that somebody never gives back must not stop a test run. */
static bool lock(int dir)
{
    int64_t deadline = gb_cg_now() + LOCK_WAIT_MS;
    while (flock(dir, LOCK_EX | LOCK_NB) < 0) {
        if (gb_cg_now() > deadline)
            return false;
        gb_cg_pause();
    }
    return true;
}

static int thaw_child(int dir, const char *name, void *table)
{
    int child = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (child >= 0) {
        gb_cg_thaw(child, table);
        close(child);
    }
    return 0;
}

static int kill_child(int dir, const char *name, void *table)
{
    int child = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (child < 0)
        return 0;
    gb_cg_thaw(child, table);
    if (gb_cg_write_string(child, "cgroup.kill", "1") < 0) {
        gb_cg_kill_all(child);
        gb_cg_each_child(child, kill_child, table);
    }
    close(child);
    return 0;
}

int gb_cg_purge(int parent, const char *name, const struct gb_cg_table *table)
{
    if (gb_cg_remove(parent, name, 0) == 0)
        return 0;
    kill_child(parent, name, (void *)table);
    return gb_cg_remove(parent, name, REMOVE_MS);
}

static int sweep_child(int dir, const char *name, void *table)
{
    if (strncmp(name, GB_CG_BASE, strlen(GB_CG_BASE)) != 0)
        return 0;
    int child = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (child < 0)
        return 0;
    if (flock(child, LOCK_EX | LOCK_NB) == 0)
        gb_cg_purge(dir, name, table);
    close(child);
    return 0;
}

static void make_name(struct gb_cgroup_base *base)
{
    uint32_t random = 0;
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) < 0)
        random = (uint32_t)gb_cg_now();
    struct gb_text text = {0};
    gb_text_add(&text, GB_CG_BASE);
    gb_text_number(&text, (uint64_t)getpid());
    gb_text_add(&text, "-");
    gb_text_number(&text, random);
    memcpy(base->name, text.bytes, text.length + 1);
}

/* Makes and locks the directory. A sweeper may take it between the two steps: then once more. */
static int make_dir(int parent, const char *name)
{
    for (int attempt = 0; attempt < 10; attempt++) {
        if (mkdirat(parent, name, 0755) < 0 && errno != EEXIST)
            return -1;
        int dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct stat opened, named;
        if (dir >= 0 && flock(dir, LOCK_EX | LOCK_NB) == 0 && fstat(dir, &opened) == 0 &&
            fstatat(parent, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && named.st_ino == opened.st_ino)
            return dir;
        if (dir >= 0)
            close(dir);
        gb_cg_pause();
    }
    errno = EBUSY;
    return -1;
}

/* v1: a cpuset takes no process before its cpus and mems are set. */
static bool copy_cpuset(int from, int to)
{
    static const char *const files[][2] = {{"cpuset.effective_cpus", "cpuset.cpus"}, {"cpuset.effective_mems", "cpuset.mems"}};
    for (int i = 0; i < 2; i++) {
        char value[512];
        if (gb_cg_read(from, files[i][0], value, sizeof value) <= 0 || gb_cg_write_string(to, files[i][1], value) < 0)
            return false;
    }
    return true;
}

static void open_v1(struct gb_cgroup_base *base, const struct gb_cg_table *table)
{
    for (int c = 0; c < GB_C_COUNT; c++) {
        if (base->place[c] < 0) {
            add_reason(base, table->names[c], "no cgroup v1 hierarchy is mounted");
            continue;
        }
        if (gb_cg_first(base->place, c)) {
            int dir = make_dir(base->place[c], base->name);
            int number = errno;
            for (int other = c; other < GB_C_COUNT; other++)
                if (base->place[other] == base->place[c])
                    base->dir[other] = dir;
            if (dir < 0)
                add_reason(base, table->names[c], strerror(number));
        }
        base->usable[c] = base->dir[c] >= 0;
        if (base->usable[c])
            base->version = 1;
    }
    if (base->usable[GB_C_CPUSET] && !copy_cpuset(base->place[GB_C_CPUSET], base->dir[GB_C_CPUSET])) {
        base->usable[GB_C_CPUSET] = false; /* its dir stays, to be removed */
        add_reason(base, "cpuset", "its cpus cannot be set");
    }
}

static void open_v2(struct gb_cgroup_base *base, int own, const struct gb_cg_table *table)
{
    int dir = make_dir(own, base->name);
    if (dir < 0) {
        add_reason(base, "cgroup v2, not delegated to this process", strerror(errno));
        return;
    }
    unsigned here = gb_cg_enable(own, table, true);
    unsigned below = gb_cg_enable(dir, table, false);
    char type[32] = "";
    gb_cg_read(dir, "cgroup.type", type, sizeof type);
    if (strcmp(type, "domain\n") != 0) { /* threaded, or below something threaded: takes no process */
        add_reason(base, "cgroup.type", type);
        unlinkat(own, base->name, AT_REMOVEDIR);
        gb_cg_leave_leaf(own);
        close(dir);
        return;
    }
    base->version = 2;
    struct gb_text missing = {0};
    for (int c = 0; c < GB_C_COUNT; c++) {
        const char *name = table->names[c];
        base->usable[c] = name ? (here & below) >> c & 1 : true;
        if (c == GB_C_FREEZER)
            base->usable[c] = faccessat(dir, table->freeze, W_OK, 0) == 0;
        if (base->usable[c])
            base->dir[c] = dir;
        else if (name) {
            gb_text_add(&missing, missing.length ? ", " : "");
            gb_text_add(&missing, name);
        }
    }
    if (missing.length)
        add_reason(base, "not available to this process's cgroup", missing.bytes);
}

void gb_cgroup_place_base(struct gb_cgroup_base *base)
{
    struct gb_cg_own own;
    memset(base, 0, sizeof *base);
    memset(base->dir, -1, sizeof base->dir);
    gb_cg_find_own(&own, base->reason);
    memcpy(base->place, own.dir, sizeof base->place);
    base->place_version = own.version;
    if (own.in_leaf) {
        int parent = openat(own.dir[0], "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        close(own.dir[0]);
        for (int c = 0; c < GB_C_COUNT; c++)
            base->place[c] = parent;
        char *last = strrchr(own.path, '/');
        if (last)
            *last = 0;
    }
    memcpy(base->path, own.path, sizeof base->path);
    make_name(base);
}

void gb_cgroup_open_base(struct gb_cgroup_base *base)
{
    if (!base->place_version)
        return;
    const struct gb_cg_table *table = gb_cg_table(base->place_version);
    bool locked = base->place_version == 2 && lock(base->place[0]);
    for (int c = GB_C_COUNT; c-- > 0;) /* the freezer's first: frozen processes of v1 do not die */
        if (gb_cg_first(base->place, c))
            gb_cg_each_child(base->place[c], sweep_child, (void *)table);
    if (base->place_version == 2)
        open_v2(base, base->place[0], table);
    else
        open_v1(base, table);
    if (base->version) {
        struct gb_text path = {0};
        gb_text_add(&path, base->path);
        gb_text_add(&path, "/");
        gb_text_add(&path, base->name);
        path.bytes[sizeof base->path - 1] = 0;
        memcpy(base->path, path.bytes, sizeof base->path);
    }
    struct sysinfo host;
    if (base->usable[GB_C_MEMORY] && sysinfo(&host) == 0 && host.totalswap &&
        faccessat(base->dir[GB_C_MEMORY], table->swap, F_OK, 0) < 0)
        add_reason(base, "swap", "the kernel does not account it (swapaccount=1), so it is not limited");
    if (locked)
        flock(base->place[0], LOCK_UN);
}

void gb_cgroup_thaw_base(const struct gb_cgroup_base *base)
{
    if (base->version && base->dir[GB_C_FREEZER] >= 0)
        gb_cg_each_child(base->dir[GB_C_FREEZER], thaw_child, (void *)gb_cg_table(base->version));
}

static void close_all(int dir[GB_C_COUNT])
{
    for (int c = GB_C_COUNT; c-- > 0;) /* backwards, so that the first of those that share one closes it */
        if (gb_cg_first(dir, c))
            close(dir[c]);
    memset(dir, -1, GB_C_COUNT * sizeof dir[0]);
}

void gb_cgroup_close_base(struct gb_cgroup_base *base)
{
    const struct gb_cg_table *table = gb_cg_table(base->place_version);
    gb_cgroup_thaw_base(base);
    for (int c = 0; c < GB_C_COUNT; c++)
        if (gb_cg_first(base->place, c))
            gb_cg_purge(base->place[c], base->name, table);
    if (base->place_version == 2) {
        bool locked = lock(base->place[0]);
        gb_cg_leave_leaf(base->place[0]);
        if (locked)
            flock(base->place[0], LOCK_UN);
    }
    close_all(base->dir); /* only now: the lock guards up to here */
    close_all(base->place);
    memset(base->usable, 0, sizeof base->usable);
    base->version = base->place_version = 0;
}
