/*
 * One group per sandbox, below the base: limits, members, usage. v1 needs a directory per hierarchy, v2 one; everything else that
 * differs stands in the tables.
 */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define FREEZE_MS 500
#define REMOVE_MS 50
#define UNLIMITED (UINT64_C(1) << 62) /* v1 shows "no limit" as a number about this high */

/* ---- directories ---- */

/* v1: cpusets and hugetlb groups are made when a limit asks for one: an unused hierarchy would cost every sandbox a mkdir, a join and
 * an rmdir for nothing. */
static bool is_lazy(const struct gb_cgroup_base *base, int c)
{
    return base->version == 1 && (c == GB_C_CPUSET || c == GB_C_HUGETLB);
}

static bool holds_cpuset(const struct gb_cgroup_base *base, int c)
{
    return base->version == 1 && base->dir[c] == base->dir[GB_C_CPUSET];
}

static int copy_from_base(const struct gb_cgroup_base *base, int dir, const char *file)
{
    char value[512];
    if (gb_cg_read(base->dir[GB_C_CPUSET], file, value, sizeof value) < 0)
        return -1;
    return gb_cg_write_string(dir, file, value);
}

/* Gives the group a directory for controller `c`; processes that it already has follow. */
static int ensure_dir(struct gb_cgroup *group, int c, struct gb_error *error)
{
    const struct gb_cgroup_base *base = group->base;
    int member = -1;
    if (group->dir[c] >= 0)
        return 0;
    for (int other = 0; other < GB_C_COUNT; other++) {
        if (group->dir[other] >= 0 && base->dir[other] == base->dir[c]) {
            group->dir[c] = group->dir[other];
            return 0;
        }
        if (group->dir[other] >= 0)
            member = group->dir[other];
    }
    if (mkdirat(base->dir[c], group->name, 0755) < 0)
        return gb_fail(error, "cgroup-create", base->path);
    int dir = openat(base->dir[c], group->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) {
        gb_fail(error, "cgroup-create", base->path);
        unlinkat(base->dir[c], group->name, AT_REMOVEDIR);
        return -1;
    }
    group->dir[c] = dir;
    if (holds_cpuset(base, c) && (copy_from_base(base, dir, "cpuset.cpus") < 0 || copy_from_base(base, dir, "cpuset.mems") < 0))
        return gb_fail(error, "cgroup-create", "cpuset.cpus");
    if (is_lazy(base, c) && member >= 0 && gb_cg_move_all(member, dir) < 0)
        return gb_fail(error, "cgroup-join", base->path);
    return 0;
}

/* ---- limits ---- */

static int set_text(int dir, const char *file, const struct gb_text *text, const char *stage, struct gb_error *error)
{
    if (gb_cg_write(dir, file, text) == 0)
        return 0;
    if (errno == ENOENT)
        errno = ENOTSUP; /* this kernel has the controller, not this knob */
    return gb_fail(error, stage, file);
}

static int set_number(int dir, const char *file, uint64_t number, const char *stage, struct gb_error *error)
{
    struct gb_text text = {0};
    gb_text_number(&text, number);
    return set_text(dir, file, &text, stage, error);
}

/* Where swap is not accounted there is no file; the base's reason says so. */
static int set_swap(int dir, const char *file, uint64_t number, struct gb_error *error)
{
    return faccessat(dir, file, F_OK, 0) < 0 ? 0 : set_number(dir, file, number, "limit-swap", error);
}

static uint64_t read_number(int dir, const char *file)
{
    char text[64];
    return gb_cg_read(dir, file, text, sizeof text) < 0 ? GB_UNSET : gb_cg_sum(text, NULL);
}

/* v1: memory and memory+swap are two caps, the second never below the first, also not for a moment. */
static int limit_memory_v1(int dir, const struct gb_cg_table *table, const struct gb_limits *limits, struct gb_error *error)
{
    uint64_t old = read_number(dir, table->memory), old_total = read_number(dir, table->swap);
    uint64_t memory = limits->memory == GB_UNSET ? old : limits->memory, swap = limits->swap, total;
    if (memory == GB_UNSET || memory >= UNLIMITED) /* a cap on swap alone cannot be said here; not to swap at all can */
        return swap == 0 ? set_number(dir, "memory.swappiness", 0, "limit-swap", error) : 0;
    if (swap == GB_UNSET && (old_total == GB_UNSET || old_total >= UNLIMITED))
        return set_number(dir, table->memory, memory, "limit-memory", error);
    if (swap == GB_UNSET)
        swap = old_total - old;
    if (__builtin_add_overflow(memory, swap, &total) || total > UNLIMITED)
        total = UNLIMITED;
    bool raise = old_total != GB_UNSET && total > old_total;
    if (raise && set_swap(dir, table->swap, total, error) < 0)
        return -1;
    if (set_number(dir, table->memory, memory, "limit-memory", error) < 0)
        return -1;
    return raise ? 0 : set_swap(dir, table->swap, total, error);
}

static int limit_memory(struct gb_cgroup *group, const struct gb_cg_table *table, const struct gb_limits *limits, struct gb_error *error)
{
    int dir = group->dir[GB_C_MEMORY];
    if (dir < 0 || (limits->memory == GB_UNSET && limits->swap == GB_UNSET))
        return 0;
    if (table->swap_includes_memory)
        return limit_memory_v1(dir, table, limits, error);
    if (limits->memory != GB_UNSET && set_number(dir, table->memory, limits->memory, "limit-memory", error) < 0)
        return -1;
    return limits->swap == GB_UNSET ? 0 : set_swap(dir, table->swap, limits->swap, error);
}

static int usable_or_fail(struct gb_cgroup *group, int c, const char *stage, struct gb_error *error)
{
    if (!group->base->usable[c]) {
        errno = ENOTSUP;
        return gb_fail(error, stage, group->base->version ? group->base->path : "no cgroup");
    }
    return ensure_dir(group, c, error);
}

static int limit_cpu_quota(int dir, const struct gb_cg_table *table, const struct gb_limits *limits, struct gb_error *error)
{
    uint64_t quota = limits->cpu_quota, period = limits->cpu_period;
    if (table->cpu_period) {
        if (period != GB_UNSET && set_number(dir, table->cpu_period, period, "limit-cpu", error) < 0)
            return -1;
        return quota == GB_UNSET ? 0 : set_number(dir, table->cpu_quota, quota, "limit-cpu", error);
    }
    struct gb_text text = {0};
    if (quota != GB_UNSET) {
        gb_text_number(&text, quota);
    } else { /* a new period for the quota that is there */
        char now[64];
        if (gb_cg_read(dir, table->cpu_quota, now, sizeof now) < 0)
            return gb_fail(error, "limit-cpu", table->cpu_quota);
        now[strcspn(now, " ")] = 0;
        gb_text_add(&text, now);
    }
    if (period != GB_UNSET) {
        gb_text_add(&text, " ");
        gb_text_number(&text, period);
    }
    return set_text(dir, table->cpu_quota, &text, "limit-cpu", error);
}

static int limit_cpu(struct gb_cgroup *group, const struct gb_cg_table *table, const struct gb_limits *limits, struct gb_error *error)
{
    bool quota = limits->cpu_quota != GB_UNSET || limits->cpu_period != GB_UNSET, weight = limits->cpu_weight != GB_UNSET;
    if (!quota && !weight)
        return 0;
    if (usable_or_fail(group, GB_C_CPU, "limit-cpu", error) < 0)
        return -1;
    int dir = group->dir[GB_C_CPU];
    if (quota && limit_cpu_quota(dir, table, limits, error) < 0)
        return -1;
    if (!weight)
        return 0;
    uint64_t value = limits->cpu_weight * table->weight_default / 100;
    value = value < table->weight_min ? table->weight_min : value > table->weight_max ? table->weight_max : value;
    return set_number(dir, table->cpu_weight, value, "limit-cpu", error);
}

static int limit_cpuset(struct gb_cgroup *group, const struct gb_limits *limits, struct gb_error *error)
{
    if (!limits->cpuset[0])
        return 0;
    if (usable_or_fail(group, GB_C_CPUSET, "limit-cpuset", error) < 0)
        return -1;
    struct gb_text text = {0};
    gb_text_add(&text, limits->cpuset);
    return set_text(group->dir[GB_C_CPUSET], "cpuset.cpus", &text, "limit-cpuset", error);
}

static int limit_io(struct gb_cgroup *group, const struct gb_cg_table *table, const struct gb_limits *limits, struct gb_error *error)
{
    if (limits->io_count && usable_or_fail(group, GB_C_IO, "limit-io", error) < 0)
        return -1;
    for (unsigned i = 0; i < limits->io_count; i++) {
        const struct gb_io_rule *rule = &limits->io[i];
        const uint64_t values[4] = {rule->read_bps, rule->write_bps, rule->read_iops, rule->write_iops};
        for (int k = 0; k < 4; k++) {
            if (values[k] == GB_UNSET)
                continue;
            struct gb_text text = {0};
            gb_text_add(&text, rule->device);
            gb_text_add(&text, " ");
            gb_text_add(&text, table->io[k].key);
            gb_text_number(&text, values[k]);
            if (set_text(group->dir[GB_C_IO], table->io[k].file, &text, "limit-io", error) < 0)
                return -1;
        }
    }
    return 0;
}

static int limit_hugetlb(struct gb_cgroup *group, const struct gb_cg_table *table, const struct gb_limits *limits, struct gb_error *error)
{
    if (limits->hugetlb_count && usable_or_fail(group, GB_C_HUGETLB, "limit-hugetlb", error) < 0)
        return -1;
    for (unsigned i = 0; i < limits->hugetlb_count; i++) {
        struct gb_text file = {0};
        gb_text_add(&file, "hugetlb.");
        gb_text_add(&file, limits->hugetlb[i].size);
        gb_text_add(&file, ".");
        gb_text_add(&file, table->hugetlb_suffix);
        if (set_number(group->dir[GB_C_HUGETLB], file.bytes, limits->hugetlb[i].bytes, "limit-hugetlb", error) < 0)
            return -1;
    }
    return 0;
}

int gb_cgroup_limit(struct gb_cgroup *group, const struct gb_limits *limits, struct gb_error *error)
{
    const struct gb_cg_table *table = gb_cg_table(group->base->version);
    if (limits->pids != GB_UNSET && group->dir[GB_C_PIDS] >= 0 && /* one more for the init */
        set_number(group->dir[GB_C_PIDS], table->pids, limits->pids + 1, "limit-pids", error) < 0)
        return -1;
    if (limit_memory(group, table, limits, error) < 0 || limit_cpu(group, table, limits, error) < 0 ||
        limit_cpuset(group, limits, error) < 0 || limit_io(group, table, limits, error) < 0)
        return -1;
    return limit_hugetlb(group, table, limits, error);
}

/* ---- events ---- */

static int watch_v1(int memory)
{
    int events = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int control = openat(memory, "memory.oom_control", O_RDONLY | O_CLOEXEC);
    struct gb_text text = {0};
    gb_text_number(&text, (uint64_t)events);
    gb_text_add(&text, " ");
    gb_text_number(&text, (uint64_t)control);
    bool armed = events >= 0 && control >= 0 && gb_cg_write(memory, "cgroup.event_control", &text) == 0;
    if (control >= 0)
        close(control);
    if (!armed && events >= 0)
        close(events);
    return armed ? events : -1;
}

static bool watch_file(int events, int dir, const char *file)
{
    struct gb_text path = {0};
    gb_text_add(&path, "/proc/self/fd/");
    gb_text_number(&path, (uint64_t)dir);
    gb_text_add(&path, "/");
    gb_text_add(&path, file);
    return dir >= 0 && inotify_add_watch(events, path.bytes, IN_MODIFY) >= 0;
}

static int watch_v2(const int dir[GB_C_COUNT])
{
    int events = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (events < 0)
        return -1;
    bool memory = watch_file(events, dir[GB_C_MEMORY], "memory.events");
    bool pids = watch_file(events, dir[GB_C_PIDS], "pids.events");
    if (memory || pids)
        return events;
    close(events);
    return -1;
}

static void drain(struct gb_cgroup *group)
{
    union { uint64_t count; char notes[1024]; } buffer;
    ssize_t length;
    while (group->events >= 0 && (length = read(group->events, &buffer, sizeof buffer)) > 0)
        if (group->base->version == 1 && length == sizeof buffer.count)
            group->oom_seen += buffer.count;
}

/* ---- a group's life ---- */

static void forget(struct gb_cgroup *group)
{
    if (group->events >= 0)
        close(group->events);
    group->events = group->unified = -1;
    for (int c = GB_C_COUNT; c-- > 0;) { /* backwards, so that the first of those that share one closes it */
        if (gb_cg_first(group->dir, c))
            close(group->dir[c]);
        group->dir[c] = -1;
    }
}

/* Only what this group made: the name may be another's. */
static void undo_create(struct gb_cgroup *group)
{
    for (int c = 0; c < GB_C_COUNT; c++)
        if (gb_cg_first(group->dir, c))
            gb_cg_remove(group->base->dir[c], group->name, REMOVE_MS);
    forget(group);
}

int gb_cgroup_create(struct gb_cgroup *group, const struct gb_cgroup_base *base, const char *name, const struct gb_limits *limits, struct gb_error *error)
{
    memset(group, 0, sizeof *group);
    memset(group->dir, -1, sizeof group->dir);
    group->base = base;
    group->unified = group->events = -1;
    strncpy(group->name, name, sizeof group->name - 1);
    int result = 0;
    for (int c = 0; !result && c < GB_C_COUNT; c++)
        if (base->usable[c] && !is_lazy(base, c))
            result = ensure_dir(group, c, error);
    if (base->version == 2)
        group->unified = group->dir[GB_C_CPUACCT];
    if (!result)
        result = gb_cgroup_limit(group, limits, error);
    if (result < 0) {
        undo_create(group);
        return -1;
    }
    if (base->version == 2)
        group->events = watch_v2(group->dir);
    else if (group->dir[GB_C_MEMORY] >= 0)
        group->events = watch_v1(group->dir[GB_C_MEMORY]);
    return 0;
}

int gb_cgroup_join(const struct gb_cgroup *group, pid_t pid, struct gb_error *error)
{
    struct gb_text text = {0};
    gb_text_number(&text, (uint64_t)pid);
    for (int c = 0; c < GB_C_COUNT; c++)
        if (gb_cg_first(group->dir, c) && gb_cg_write(group->dir[c], "cgroup.procs", &text) < 0)
            return gb_fail(error, "cgroup-join", group->base->path);
    return 0;
}

int gb_cgroup_freeze(const struct gb_cgroup *group, bool frozen, struct gb_error *error)
{
    const struct gb_cg_table *table = gb_cg_table(group->base->version);
    int dir = group->dir[GB_C_FREEZER];
    int64_t deadline = gb_cg_now() + FREEZE_MS;
    if (dir < 0) {
        errno = ENOTSUP;
        return gb_fail(error, "cgroup-freeze", "no freezer");
    }
    if (gb_cg_write_string(dir, table->freeze, frozen ? table->frozen : table->thawed) < 0)
        return gb_fail(error, "cgroup-freeze", table->freeze);
    for (char state[128];;) {
        if (gb_cg_read(dir, table->freeze_state, state, sizeof state) < 0)
            return gb_fail(error, "cgroup-freeze", table->freeze_state);
        if (strstr(state, frozen ? table->is_frozen : table->is_thawed))
            return 0;
        if (gb_cg_now() > deadline) {
            errno = ETIMEDOUT;
            return gb_fail(error, "cgroup-freeze", table->freeze_state);
        }
        gb_cg_pause();
    }
}

/* v1 samples user and system time at clock ticks but knows the total: keep the ratio, correct the sum, as the kernel does elsewhere. */
static void correct_cpu(int dir, const char *file, struct gb_usage *usage)
{
    uint64_t total = read_number(dir, file), sampled = usage->cpu_user + usage->cpu_system;
    if (total == GB_UNSET || usage->cpu_user == GB_UNSET || usage->cpu_system == GB_UNSET)
        return;
    total /= 1000;
    usage->cpu_system = sampled ? (uint64_t)((unsigned __int128)total * usage->cpu_system / sampled) : 0;
    usage->cpu_user = total - usage->cpu_system;
}

void gb_cgroup_usage(struct gb_cgroup *group, struct gb_usage *usage)
{
    const struct gb_cg_table *table = gb_cg_table(group->base->version);
    const char *read_file = "";
    char text[4096] = "";
    drain(group);
    for (size_t i = 0; i < table->figure_count; i++) {
        const struct gb_cg_figure *figure = &table->figures[i];
        int dir = group->dir[figure->controller];
        if (dir < 0)
            continue;
        if (strcmp(read_file, figure->file) != 0 && gb_cg_read(dir, figure->file, text, sizeof text) < 0)
            text[0] = 0;
        read_file = figure->file;
        uint64_t value = gb_cg_sum(text, figure->key);
        if (value == GB_UNSET && figure->controller == GB_C_IO && table->counts_io_always && faccessat(dir, figure->file, F_OK, 0) == 0)
            value = 0;
        if (value == GB_UNSET)
            continue;
        value /= figure->divisor;
        value -= value < figure->minus ? value : figure->minus;
        memcpy((char *)usage + figure->field, &value, sizeof value);
    }
    if (table->cpu_total && group->dir[GB_C_CPUACCT] >= 0)
        correct_cpu(group->dir[GB_C_CPUACCT], table->cpu_total, usage);
    if (group->oom_seen && usage->oom_kills == 0)
        usage->oom_kills = 1;
}

uint64_t gb_cgroup_memory(const struct gb_cgroup *group)
{
    const struct gb_cg_table *table = gb_cg_table(group->base->version);
    for (size_t i = 0; i < table->figure_count; i++) {
        const struct gb_cg_figure *figure = &table->figures[i];
        if (figure->field == offsetof(struct gb_usage, memory_current) && group->dir[figure->controller] >= 0)
            return read_number(group->dir[figure->controller], figure->file);
    }
    return GB_UNSET;
}

void gb_cgroup_kill(const struct gb_cgroup *group)
{
    const struct gb_cg_table *table = gb_cg_table(group->base->version);
    if (group->dir[GB_C_FREEZER] >= 0)
        gb_cg_thaw(group->dir[GB_C_FREEZER], table);
    if (group->unified >= 0 && gb_cg_write_string(group->unified, "cgroup.kill", "1") == 0)
        return;
    for (int c = 0; c < GB_C_COUNT; c++)
        if (group->dir[c] >= 0) {
            gb_cg_kill_all(group->dir[c]); /* every hierarchy holds the same processes */
            return;
        }
}

int gb_cgroup_remove(struct gb_cgroup *group, struct gb_error *error)
{
    int result = 0;
    forget(group);
    for (int c = 0; c < GB_C_COUNT; c++)
        if (gb_cg_first(group->base->dir, c) && gb_cg_remove(group->base->dir[c], group->name, REMOVE_MS) < 0)
            result = gb_fail(error, "cgroup-remove", group->base->path);
    return result;
}
