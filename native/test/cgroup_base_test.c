/* Where groups live, who may be in them, and that nothing of them stays: on the real cgroups of the kernel that this runs on. */
#include "cgroup_world.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Own place in the hierarchy of pids (v1) or the unified one. */
static const char *own_place(void)
{
    static char text[4096];
    check(gb_cg_read(AT_FDCWD, "/proc/self/cgroup", text, sizeof text) > 0);
    char *line = strstr(text, base.version == 1 ? ":pids:" : "0::");
    check(line != NULL);
    line[strcspn(line, "\n")] = 0;
    return line;
}

/* ---- the base ---- */

static void the_base_lies_below_the_own_cgroup(void)
{
    open_base();
    struct stat named, opened;
    int any = base.dir[base.usable[GB_C_MEMORY] ? GB_C_MEMORY : GB_C_CPUACCT];
    check(stat(base.path, &named) == 0 && fstat(any, &opened) == 0);
    check_number(named.st_ino, opened.st_ino);
    check_contains(base.path, base.name);
    check(strncmp(base.name, GB_CG_BASE, strlen(GB_CG_BASE)) == 0);
    check(base.usable[GB_C_CPUACCT] && base.usable[GB_C_FREEZER]);
}

static void whatever_the_kernel_offers_here_is_usable(void)
{
    struct gb_cg_own own;
    char reason[256], available[256] = "";
    gb_cg_find_own(&own, reason);
    open_base();
    if (own.version == 2)
        gb_cg_read(own.dir[0], own.in_leaf ? "../cgroup.controllers" : "cgroup.controllers", available, sizeof available);
    for (int c = 0; c < GB_C_COUNT; c++) {
        const char *name = gb_cg_table(own.version)->names[c];
        check(base.usable[c] == (own.version == 1 ? own.dir[c] >= 0 : !name || gb_cg_has_word(available, name)));
    }
}

static void the_version_is_the_expected_one(void)
{
    const char *expected = getenv("GBTEST_VERSION");
    if (!expected)
        tap_skip("GBTEST_VERSION says nothing");
    make_base(&base);
    int version = base.version;
    bool memory = base.usable[GB_C_MEMORY], pids = base.usable[GB_C_PIDS], cpu = base.usable[GB_C_CPU];
    gb_cgroup_close_base(&base);
    check_number(version, atoi(expected));
    if (version)
        check(memory && pids && cpu);
    else
        check_contains(base.reason, "Permission denied");
}

static void closing_the_base_leaves_nothing_and_everybody_where_they_were(void)
{
    make_base(&base);
    gb_cgroup_close_base(&base);
    char before[4096], reason[256], children[4096] = "";
    strcpy(before, own_place());
    int fds = count_fds();
    open_base();
    struct gb_error error;
    struct gb_cgroup group = make_group("left", NULL);
    pid_t sleeper = member(&group, sleep_forever, NULL);
    check(gb_cgroup_freeze(&group, true, &error) == 0);
    close(group.events);
    for (int c = 0; c < GB_C_COUNT; c++)
        if (gb_cg_first(group.dir, c))
            close(group.dir[c]);
    gb_cgroup_close_base(&base); /* as if the supervisor had died: group and member are still there */
    check(WIFSIGNALED(wait_for(sleeper)));
    check_text(own_place(), before);
    check_number(count_fds(), fds);
    struct gb_cg_own own;
    gb_cg_find_own(&own, reason);
    for (int c = 0; c < GB_C_COUNT; c++)
        if (gb_cg_first(own.dir, c)) {
            check(faccessat(own.dir[c], base.name, F_OK, 0) < 0);
            check(faccessat(own.dir[c], GB_CG_LEAF, F_OK, 0) < 0);
        }
    if (own.version == 2)
        gb_cg_read(own.dir[0], "cgroup.subtree_control", children, sizeof children);
    check_text(children, "");
}

static void version_two_moves_the_processes_beside_it_into_a_leaf(void)
{
    make_base(&base);
    int version = base.version;
    bool in_leaf = strstr(own_place(), "/" GB_CG_LEAF) != NULL;
    gb_cgroup_close_base(&base);
    if (version != 2)
        tap_skip("needs a usable version 2");
    check(in_leaf);
}

static void whoever_placed_the_base_removes_what_another_has_made_of_it(void)
{
    gb_cgroup_place_base(&base);
    pid_t maker = fork();
    if (maker == 0) {
        gb_cgroup_open_base(&base);
        _exit(base.version);
    }
    int version = WEXITSTATUS(wait_for(maker));
    check_number(count_bases(), version ? 1 : 0);
    gb_cgroup_close_base(&base);
    gb_cgroup_place_base(&base);
    check_number(count_bases(), 0);
    if (!version)
        tap_skip("no usable cgroup");
}

/* Says what happened inside another process with a base of its own: the child opens one, writes its name, waits to be told to end. */
struct other {
    pid_t pid;
    int gate;
    char name[64];
    pid_t sleeper;
};

static struct other other_base(bool with_frozen_member)
{
    struct other other = {0};
    int up[2], down[2];
    check(pipe(up) == 0 && pipe(down) == 0);
    other.pid = fork();
    if (other.pid == 0) {
        struct gb_cgroup_base mine;
        struct gb_cgroup group;
        struct gb_error error;
        struct gb_limits none = no_limits();
        char go;
        close(down[1]);
        make_base(&mine);
        memcpy(other.name, mine.name, sizeof other.name);
        if (with_frozen_member && gb_cgroup_create(&group, &mine, "stale", &none, &error) == 0) {
            int closed[2];
            if (pipe(closed) < 0)
                _exit(1);
            other.sleeper = fork();
            if (other.sleeper == 0) { /* keeps no descriptor (the lock, our output), as an init would not either */
                syscall(SYS_close_range, 0u, ~0u, 0u);
                sleep_forever(NULL);
            }
            close(closed[1]);
            if (read(closed[0], &go, 1) != 0) /* a process frozen before that would hold the lock */
                _exit(1);
            gb_cgroup_join(&group, other.sleeper, &error);
            gb_cgroup_freeze(&group, true, &error);
        }
        if (write(up[1], &other, sizeof other) < 0 || read(down[0], &go, 1) < 0)
            _exit(1);
        _exit(0); /* without closing: it died */
    }
    close(up[1]);
    close(down[0]);
    pid_t pid = other.pid;
    check(read(up[0], &other, sizeof other) == sizeof other);
    close(up[0]);
    other.pid = pid;
    other.gate = down[1];
    return other;
}

static void end_other(struct other *other)
{
    close(other->gate);
    wait_for(other->pid);
}

static bool exists_beside_base(const char *name)
{
    for (int c = 0; c < GB_C_COUNT; c++)
        if (base.dir[c] >= 0) {
            int parent = openat(base.dir[c], "..", O_RDONLY | O_DIRECTORY);
            bool there = faccessat(parent, name, F_OK, 0) == 0;
            close(parent);
            if (there)
                return true;
        }
    return false;
}

static void the_base_of_a_dead_owner_is_swept_with_its_frozen_processes(void)
{
    struct other dead = other_base(true);
    end_other(&dead);
    check(is_alive(dead.sleeper));
    open_base();
    check(!exists_beside_base(dead.name));
    eventually(!is_alive(dead.sleeper));
}

static void the_base_of_a_living_owner_is_left_alone(void)
{
    struct other living = other_base(true);
    open_base();
    check(exists_beside_base(living.name));
    check(is_alive(living.sleeper));
    end_other(&living);
    kill(living.sleeper, SIGKILL);
}

static void two_bases_can_live_side_by_side_and_end_in_any_order(void)
{
    struct gb_cgroup_base first;
    struct gb_limits limits = no_limits();
    limits.pids = 5;
    limits.memory = 16 * MIB;
    make_base(&first);
    open_base();
    struct gb_cgroup before = make_group("before", &limits);
    gb_cgroup_close_base(&first);
    struct gb_cgroup after = make_group("after", &limits);
    check_text(content(&before, GB_C_PIDS, "pids.max"), "6");
    check_text(content(&after, GB_C_PIDS, "pids.max"), "6");
    check_number(WEXITSTATUS(wait_for(member(&after, (int (*)(void *))(void *)getppid, NULL))), getpid() & 0xff);
}

static void a_base_can_be_opened_from_the_leaf_that_an_earlier_one_made(void)
{
    struct gb_cgroup_base first;
    make_base(&first);
    open_base();
    if (base.version == 2)
        check(strstr(base.path, GB_CG_LEAF "/" GB_CG_BASE) == NULL);
    struct gb_cgroup group = make_group("second", NULL);
    check_number(WEXITSTATUS(wait_for(member(&group, (int (*)(void *))(void *)getppid, NULL))), getpid() & 0xff);
    gb_cgroup_close_base(&first);
}

static void without_permission_there_is_no_version_but_a_reason(void)
{
    if (getuid() != 0)
        tap_skip("root can give up its rights, others have none to give up");
    check(setgid(65534) == 0 && setuid(65534) == 0);
    int fds = count_fds();
    make_base(&base);
    check_number(base.version, 0);
    check_contains(base.reason, "Permission denied");
    for (int c = 0; c < GB_C_COUNT; c++)
        check(!base.usable[c] && base.dir[c] == -1);
    gb_cgroup_close_base(&base);
    check_number(count_fds(), fds);
}

/* Containers without a cgroup namespace see a mount of their own part only: its root is not `/`. */
static void a_hierarchy_mounted_in_part_is_found(void)
{
    struct gb_cg_own own;
    char reason[256], target[64], source[64];
    gb_cg_find_own(&own, reason);
    if (own.version != 1 || getuid() != 0)
        tap_skip("needs root and version 1");
    check(unshare(CLONE_NEWNS) == 0);
    check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
    snprintf(source, sizeof source, "/proc/self/fd/%d", own.dir[GB_C_PIDS]);
    char part[PATH_MAX];
    ssize_t length = readlink(source, part, sizeof part - 1);
    check(length > 0);
    part[length] = 0;
    strcpy(target, "/tmp/gbtest part"); /* with a blank, which mountinfo writes as \040 */
    check(mkdir(target, 0700) == 0 || errno == EEXIST);
    check(mount(part, target, NULL, MS_BIND, NULL) == 0);
    umount2("/sys/fs/cgroup", MNT_DETACH);
    rmdir("/tmp/gbtest part");
    make_base(&base);
    int version = base.version;
    bool pids = base.usable[GB_C_PIDS], memory = base.usable[GB_C_MEMORY];
    char path[256], why[256];
    memcpy(path, base.path, sizeof path);
    memcpy(why, base.reason, sizeof why);
    gb_cgroup_close_base(&base);
    check_number(version, 1);
    check(pids && !memory);
    check_contains(path, "/tmp/gbtest part/" GB_CG_BASE);
    check_contains(why, "memory");
}

/* ---- groups ---- */

static void freezing_stops_members_and_thawing_lets_them_go_on(void)
{
    open_base();
    needs(GB_C_FREEZER);
    volatile uint64_t *counter = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct gb_cgroup group = make_group("freeze", NULL);
    struct gb_error error;
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            ++*counter;
    check(gb_cgroup_join(&group, pid, &error) == 0);
    uint64_t seen = *counter;
    eventually(*counter != seen);
    check(gb_cgroup_freeze(&group, true, &error) == 0);
    seen = *counter;
    tap_pause(30);
    check_number(*counter, seen);
    check(gb_cgroup_freeze(&group, false, &error) == 0);
    eventually(*counter != seen);
    end_member(pid);
}

static int fork_twice(void *pids)
{
    if (fork() == 0) {
        setsid();
        pid_t pid = fork();
        if (pid == 0)
            sleep_forever(NULL);
        *(volatile pid_t *)pids = pid;
        _exit(0);
    }
    wait(NULL);
    return sleep_forever(NULL);
}

static void kill_reaches_every_member_even_frozen_and_orphaned(void)
{
    open_base();
    volatile pid_t *orphan = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct gb_cgroup group = make_group("kill", NULL);
    struct gb_error error;
    pid_t pid = member(&group, fork_twice, (void *)orphan);
    eventually(*orphan != 0 && is_alive(*orphan));
    check(gb_cgroup_freeze(&group, true, &error) == 0);
    gb_cgroup_kill(&group);
    int status = wait_for(pid);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    eventually(!is_alive(*orphan));
    eventually(gb_cgroup_remove(&group, &error) == 0);
}

static void a_frozen_base_is_thawed_as_a_whole(void)
{
    open_base();
    struct gb_error error;
    struct gb_cgroup first = make_group("one", NULL), second = make_group("two", NULL);
    pid_t pids[2] = {member(&first, sleep_forever, NULL), member(&second, sleep_forever, NULL)};
    check(gb_cgroup_freeze(&first, true, &error) == 0 && gb_cgroup_freeze(&second, true, &error) == 0);
    kill(pids[0], SIGKILL);
    kill(pids[1], SIGKILL);
    gb_cgroup_thaw_base(&base);
    wait_for(pids[0]);
    wait_for(pids[1]);
}

static void a_group_with_a_living_member_is_not_removed_until_it_is_dead(void)
{
    open_base();
    struct gb_error error;
    struct gb_cgroup group = make_group("busy", NULL);
    pid_t pid = member(&group, sleep_forever, NULL);
    check(gb_cgroup_remove(&group, &error) == -1);
    check_text(error.stage, "cgroup-remove");
    check_number(error.number, EBUSY);
    end_member(pid);
    check(gb_cgroup_remove(&group, &error) == 0);
    for (int c = 0; c < GB_C_COUNT; c++)
        if (base.dir[c] >= 0)
            check(faccessat(base.dir[c], "busy", F_OK, 0) < 0);
}

static void joining_a_process_that_is_gone_fails_with_its_errno(void)
{
    open_base();
    struct gb_error error;
    struct gb_cgroup group = make_group("gone", NULL);
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    wait_for(pid);
    check(gb_cgroup_join(&group, pid, &error) == -1);
    check_text(error.stage, "cgroup-join");
    check_number(error.number, ESRCH);
}

static void a_group_of_a_name_that_is_taken_is_refused_and_the_other_left_alone(void)
{
    open_base();
    struct gb_limits limits = no_limits();
    struct gb_cgroup group = make_group("twice", NULL);
    pid_t pid = member(&group, sleep_forever, NULL);
    struct gb_error error = refused_group("twice", &limits);
    check_text(error.stage, "cgroup-create");
    check_number(error.number, EEXIST);
    end_member(pid);
    refused_group("twice", &limits);
    end_member(member(&group, sleep_forever, NULL)); /* it still takes members */
}

static void a_hundred_groups_leave_no_descriptor_behind(void)
{
    open_base();
    struct gb_limits limits = no_limits();
    struct gb_error error;
    limits.memory = 32 * MIB;
    limits.pids = 10;
    int fds = count_fds();
    for (int i = 0; i < 100; i++) {
        struct gb_cgroup group = make_group("many", &limits);
        check(gb_cgroup_remove(&group, &error) == 0);
    }
    check_number(count_fds(), fds);
}

static void a_child_can_be_born_into_a_group_of_version_two(void)
{
    open_base();
    struct gb_cgroup group = make_group("born", NULL);
    if (base.version != 2) {
        check_number(group.unified, -1);
        tap_skip("version 1 has no CLONE_INTO_CGROUP");
    }
    struct { uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup; } arguments = {
        .flags = 0x200000000ULL, .exit_signal = SIGCHLD, .cgroup = (uint64_t)group.unified};
    pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) {
        char text[4096];
        gb_cg_read(AT_FDCWD, "/proc/self/cgroup", text, sizeof text);
        _exit(strstr(text, "/born\n") ? 0 : 1);
    }
    check(pid > 0);
    check_number(wait_for(pid), 0);
}

/* ---- text ---- */

static void sums_take_whole_words_only(void)
{
    check_number(gb_cg_sum("12345\n", NULL), 12345);
    check_number(gb_cg_sum("max\n", NULL), GB_UNSET);
    check_number(gb_cg_sum("99999999999999999999999\n", NULL), GB_UNSET);
    check_number(gb_cg_sum("low 0\noom 7\noom_kill 2\noom_group_kill 9\n", "oom_kill "), 2);
    check_number(gb_cg_sum("8:0 rbytes=10 wbytes=1 rios=3\n8:16 rbytes=5 wbytes=2 rios=4\n", "rbytes="), 15);
    check_number(gb_cg_sum("8:0 Read 10\n8:0 Write 20\n8:16 Read 1\nTotal 31\n", "Read "), 11);
    check_number(gb_cg_sum("xmax 3\n", "max "), GB_UNSET);
    check_number(gb_cg_sum("max x\nmax 4", "max "), 4);
    check_number(gb_cg_sum("", "max "), GB_UNSET);
    check(gb_cg_has_word("cpuset cpu io\n", "cpu") && gb_cg_has_word("cpuset cpu io\n", "io"));
    check(!gb_cg_has_word("cpuset io\n", "cpu") && !gb_cg_has_word("", "cpu"));
}

#define CASE(title, function) {title, function}
int main(int argc, char **argv)
{
    static const struct tap_case cases[] = {
        CASE("the base lies below the own cgroup", the_base_lies_below_the_own_cgroup),
        CASE("whatever the kernel offers here is usable", whatever_the_kernel_offers_here_is_usable),
        CASE("the version is the expected one", the_version_is_the_expected_one),
        CASE("closing the base leaves nothing, and everybody where they were", closing_the_base_leaves_nothing_and_everybody_where_they_were),
        CASE("whoever placed the base removes what another has made of it", whoever_placed_the_base_removes_what_another_has_made_of_it),
        CASE("version 2 moves the processes beside it into a leaf", version_two_moves_the_processes_beside_it_into_a_leaf),
        CASE("the base of a dead owner is swept with its frozen processes", the_base_of_a_dead_owner_is_swept_with_its_frozen_processes),
        CASE("the base of a living owner is left alone", the_base_of_a_living_owner_is_left_alone),
        CASE("two bases can live side by side and end in any order", two_bases_can_live_side_by_side_and_end_in_any_order),
        CASE("a base can be opened from the leaf that an earlier one made", a_base_can_be_opened_from_the_leaf_that_an_earlier_one_made),
        CASE("without permission there is no version but a reason", without_permission_there_is_no_version_but_a_reason),
        CASE("a hierarchy mounted in part is found", a_hierarchy_mounted_in_part_is_found),
        CASE("freezing stops members and thawing lets them go on", freezing_stops_members_and_thawing_lets_them_go_on),
        CASE("kill reaches every member, even frozen and orphaned", kill_reaches_every_member_even_frozen_and_orphaned),
        CASE("a frozen base is thawed as a whole", a_frozen_base_is_thawed_as_a_whole),
        CASE("a group with a living member is not removed until it is dead", a_group_with_a_living_member_is_not_removed_until_it_is_dead),
        CASE("joining a process that is gone fails with its errno", joining_a_process_that_is_gone_fails_with_its_errno),
        CASE("a group of a name that is taken is refused and the other left alone", a_group_of_a_name_that_is_taken_is_refused_and_the_other_left_alone),
        CASE("a hundred groups leave no descriptor behind", a_hundred_groups_leave_no_descriptor_behind),
        CASE("a child can be born into a group of version 2", a_child_can_be_born_into_a_group_of_version_two),
        CASE("sums take whole words only", sums_take_whole_words_only),
    };
    enter_scratch();
    int status = tap_main(argc, argv, cases, sizeof cases / sizeof cases[0], sweep);
    leave_scratch();
    return status;
}
