#include "cgroup_world.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct gb_cgroup_base base;
static pid_t opener;

static void close_base(void)
{
    if (getpid() == opener)
        gb_cgroup_close_base(&base);
}

void make_base(struct gb_cgroup_base *made)
{
    gb_cgroup_place_base(made);
    gb_cgroup_open_base(made);
}

void open_base(void)
{
    make_base(&base);
    opener = getpid();
    atexit(close_base);
    if (base.version == 0)
        tap_skip("no usable cgroup: %s", base.reason);
}

void needs(enum gb_controller controller)
{
    if (!base.usable[controller])
        tap_skip("controller not usable here: %s", base.reason);
}

struct gb_limits no_limits(void)
{
    return (struct gb_limits){GB_UNSET, GB_UNSET, GB_UNSET, GB_UNSET, GB_UNSET, "", GB_UNSET, {{"", 0, 0, 0, 0}}, 0, {{"", 0}}, 0, GB_UNSET};
}

struct gb_usage no_usage(void)
{
    struct gb_usage usage;
    memset(&usage, -1, sizeof usage);
    return usage;
}

struct gb_cgroup make_group(const char *name, const struct gb_limits *limits)
{
    struct gb_cgroup group;
    struct gb_error error;
    struct gb_limits none = no_limits();
    if (gb_cgroup_create(&group, &base, name, limits ? limits : &none, &error) < 0)
        tap_fail(__FILE__, __LINE__, "create: %s %s", error.stage, error.path);
    return group;
}

struct gb_error refused_group(const char *name, const struct gb_limits *limits)
{
    struct gb_cgroup group;
    struct gb_error error;
    check(gb_cgroup_create(&group, &base, name, limits, &error) == -1);
    return error;
}

pid_t member(struct gb_cgroup *group, int (*act)(void *), void *context)
{
    int gate[2];
    char go = 0;
    struct gb_error error;
    check(pipe(gate) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(gate[1]);
        if (read(gate[0], &go, 1) != 1)
            _exit(99);
        close(gate[0]);
        _exit(act(context));
    }
    close(gate[0]);
    bool joined = gb_cgroup_join(group, pid, &error) == 0;
    if (joined)
        check(write(gate[1], "g", 1) == 1);
    close(gate[1]);
    if (!joined)
        tap_fail(__FILE__, __LINE__, "join: %s %s errno %d", error.stage, error.path, error.number);
    return pid;
}

int wait_for(pid_t pid)
{
    int status = 0;
    check(waitpid(pid, &status, 0) == pid);
    return status;
}

void end_member(pid_t pid)
{
    kill(pid, SIGKILL);
    wait_for(pid);
}

int sleep_forever(void *unused)
{
    (void)unused;
    for (;;)
        pause();
}

const char *content(const struct gb_cgroup *group, enum gb_controller controller, const char *file)
{
    static char text[4096];
    if (gb_cg_read(group->dir[controller], file, text, sizeof text) < 0)
        tap_fail(__FILE__, __LINE__, "cannot read %s", file);
    text[strcspn(text, "\n")] = 0;
    return text;
}

const char *v1_or_v2(const char *v1, const char *v2)
{
    return base.version == 2 ? v2 : v1;
}

static int count_base(int dir, const char *name, void *count)
{
    (void)dir;
    *(int *)count += strncmp(name, GB_CG_BASE, strlen(GB_CG_BASE)) == 0;
    return 0;
}

int count_bases(void)
{
    int count = 0;
    for (int c = 0; c < GB_C_COUNT; c++)
        if (base.place[c] >= 0) {
            gb_cg_each_child(base.place[c], count_base, &count);
            break;
        }
    return count;
}

int count_fds(void)
{
    int count = 0;
    DIR *listing = opendir("/proc/self/fd");
    while (readdir(listing))
        count++;
    closedir(listing);
    return count;
}

bool is_alive(pid_t pid)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    if (gb_cg_read(AT_FDCWD, path, text, sizeof text) <= 0)
        return false;
    const char *state = strrchr(text, ')');
    return state && state[2] != 'Z' && state[2] != 'X';
}

#define SCRATCH "gbtest-unit-"
static char scratch[64];
static struct gb_cg_own around;

/* Removes scratch cgroups of programs that were killed. */
static int sweep_scratch(int dir, const char *name, void *unused)
{
    (void)unused;
    if (strncmp(name, SCRATCH, strlen(SCRATCH)) == 0 && kill(atoi(name + strlen(SCRATCH)), 0) < 0)
        gb_cg_purge(dir, name, gb_cg_table(1));
    return 0;
}

void enter_scratch(void)
{
    char reason[256];
    gb_cg_find_own(&around, reason);
    if (around.version != 1)
        return;
    for (int c = GB_C_COUNT; c-- > 0;)
        if (gb_cg_first(around.dir, c))
            gb_cg_each_child(around.dir[c], sweep_scratch, NULL);
    snprintf(scratch, sizeof scratch, SCRATCH "%d", getpid());
    for (int c = 0; c < GB_C_COUNT; c++) {
        if (!gb_cg_first(around.dir, c) || mkdirat(around.dir[c], scratch, 0755) < 0)
            continue;
        int dir = openat(around.dir[c], scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        char value[256];
        if (c == GB_C_CPUSET && gb_cg_read(around.dir[c], "cpuset.cpus", value, sizeof value) > 0)
            gb_cg_write_string(dir, "cpuset.cpus", value);
        if (c == GB_C_CPUSET && gb_cg_read(around.dir[c], "cpuset.mems", value, sizeof value) > 0)
            gb_cg_write_string(dir, "cpuset.mems", value);
        gb_cg_write_string(dir, "cgroup.procs", "0");
        close(dir);
    }
}

void leave_scratch(void)
{
    for (int c = GB_C_COUNT; scratch[0] && c-- > 0;)
        if (gb_cg_first(around.dir, c)) {
            gb_cg_write_string(around.dir[c], "cgroup.procs", "0");
            gb_cg_purge(around.dir[c], scratch, gb_cg_table(1));
        }
}

void sweep(void)
{
    struct gb_cgroup_base own;
    make_base(&own);
    gb_cgroup_close_base(&own);
}
