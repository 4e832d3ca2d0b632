/* Limits and what happens at them, on the real cgroups of the kernel that this runs on. */
#include "cgroup_world.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- memory ---- */

static int touch(void *bytes)
{
    size_t size = *(size_t *)bytes;
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return 1;
    for (size_t at = 0; at < size; at += 4096)
        memory[at] = 1;
    return 0;
}

static void a_memory_hog_is_killed_announced_and_measured(void)
{
    open_base();
    needs(GB_C_MEMORY);
    struct gb_limits limits = no_limits();
    limits.memory = 8 * MIB;
    limits.swap = 0;
    struct gb_cgroup group = make_group("hog", &limits);
    check(group.events >= 0);
    struct pollfd events = {.fd = group.events, .events = POLLIN};
    size_t size = 32 * MIB;
    check_number(poll(&events, 1, 0), 0);
    int status = wait_for(member(&group, touch, &size));
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    check_number(poll(&events, 1, 5000), 1);
    struct gb_usage usage = no_usage();
    gb_cgroup_usage(&group, &usage);
    check_number(usage.oom_kills, 1);
    /* Drained: but the kernel holds back a second notice for 10 ms, or what it takes for that on a busy machine. */
    for (int i = 0; i < 5 && poll(&events, 1, 50) == 1; i++)
        gb_cgroup_usage(&group, &usage);
    check_number(poll(&events, 1, 0), 0);
    if (usage.memory_peak != GB_UNSET)
        check(usage.memory_peak > 6 * MIB && usage.memory_peak <= 8 * MIB);
    struct gb_error error;
    check(gb_cgroup_remove(&group, &error) == 0);
}

static void memory_below_the_limit_is_neither_killed_nor_announced(void)
{
    open_base();
    needs(GB_C_MEMORY);
    struct gb_limits limits = no_limits();
    limits.memory = 64 * MIB;
    limits.swap = 0;
    struct gb_cgroup group = make_group("modest", &limits);
    size_t size = 8 * MIB;
    check_number(wait_for(member(&group, touch, &size)), 0);
    struct gb_usage usage = no_usage();
    gb_cgroup_usage(&group, &usage);
    check_number(usage.oom_kills, 0);
    check(usage.memory_current != GB_UNSET);
    if (usage.memory_peak != GB_UNSET)
        check(usage.memory_peak >= 8 * MIB && usage.memory_peak < 64 * MIB);
}

static bool has_swap_file(const struct gb_cgroup *group)
{
    return faccessat(group->dir[GB_C_MEMORY], gb_cg_table(base.version)->swap, F_OK, 0) == 0;
}

static void check_memory(const struct gb_cgroup *group, uint64_t memory, uint64_t swap)
{
    const struct gb_cg_table *table = gb_cg_table(base.version);
    check_number(atoll(content(group, GB_C_MEMORY, table->memory)), memory);
    if (has_swap_file(group))
        check_number(atoll(content(group, GB_C_MEMORY, table->swap)), table->swap_includes_memory ? memory + swap : swap);
}

static void memory_and_swap_can_be_raised_and_lowered_in_any_order(void)
{
    static const uint64_t steps[][2] = {{64, 0}, {128, 0}, {32, 0}, {32, 32}, {256, 0}, {16, 240}, {16, 0}};
    open_base();
    needs(GB_C_MEMORY);
    struct gb_cgroup group = make_group("steps", NULL);
    struct gb_error error;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct gb_limits limits = no_limits();
        limits.memory = steps[i][0] * MIB;
        limits.swap = steps[i][1] * MIB;
        check(gb_cgroup_limit(&group, &limits, &error) == 0);
        check_memory(&group, limits.memory, limits.swap);
    }
}

static void a_new_memory_limit_keeps_the_swap_that_was_allowed(void)
{
    open_base();
    needs(GB_C_MEMORY);
    struct gb_limits limits = no_limits();
    limits.memory = 64 * MIB;
    limits.swap = 16 * MIB;
    struct gb_cgroup group = make_group("keep", &limits);
    struct gb_error error;
    limits.swap = GB_UNSET;
    limits.memory = 128 * MIB;
    check(gb_cgroup_limit(&group, &limits, &error) == 0);
    check_memory(&group, 128 * MIB, 16 * MIB);
    limits.memory = 32 * MIB;
    check(gb_cgroup_limit(&group, &limits, &error) == 0);
    check_memory(&group, 32 * MIB, 16 * MIB);
}

static void no_swap_without_a_memory_limit_is_accepted(void)
{
    open_base();
    needs(GB_C_MEMORY);
    struct gb_limits limits = no_limits();
    limits.swap = 0;
    struct gb_cgroup group = make_group("noswap", &limits);
    if (base.version == 1)
        check_text(content(&group, GB_C_MEMORY, "memory.swappiness"), "0");
    else if (has_swap_file(&group))
        check_text(content(&group, GB_C_MEMORY, "memory.swap.max"), "0");
}

/* ---- pids ---- */

/* As an init would: forks until refused; its exit status is how many children it got, 98 if refused for another reason. */
static int fork_until_refused(void *unused)
{
    int children = 0, refused = 0;
    pid_t pids[50];
    while (children < 50 && !refused) {
        pids[children] = fork();
        if (pids[children] == 0)
            sleep_forever(unused);
        if (pids[children] < 0)
            refused = errno;
        else
            children++;
    }
    for (int i = 0; i < children; i++) {
        kill(pids[i], SIGKILL);
        waitpid(pids[i], NULL, 0);
    }
    return refused == EAGAIN || refused == 0 ? children : 98;
}

static void forks_beyond_the_pids_limit_are_refused_and_counted(void)
{
    open_base();
    needs(GB_C_PIDS);
    struct gb_limits limits = no_limits();
    limits.pids = 7;
    struct gb_cgroup group = make_group("forks", &limits);
    int status = wait_for(member(&group, fork_until_refused, NULL));
    check(WIFEXITED(status));
    check_number(WEXITSTATUS(status), 7); /* the member itself stands for the init */
    struct gb_usage usage = no_usage();
    gb_cgroup_usage(&group, &usage);
    check_number(usage.pids_refused, 1);
    if (usage.pids_peak != GB_UNSET)
        check_number(usage.pids_peak, 7);
    if (base.version == 2) {
        limits.pids = 8;
        struct gb_error error;
        check(gb_cgroup_limit(&group, &limits, &error) == 0);
        struct pollfd events = {.fd = group.events, .events = POLLIN};
        check_number(poll(&events, 1, 0), 0);
        wait_for(member(&group, fork_until_refused, NULL));
        check_number(poll(&events, 1, 5000), 1);
    }
}

static void without_a_pids_limit_forks_are_not_refused(void)
{
    open_base();
    needs(GB_C_PIDS);
    struct gb_cgroup group = make_group("free", NULL);
    check_text(content(&group, GB_C_PIDS, "pids.max"), "max");
    int status = wait_for(member(&group, fork_until_refused, NULL));
    check_number(WEXITSTATUS(status), 50);
    struct gb_usage usage = no_usage();
    gb_cgroup_usage(&group, &usage);
    check_number(usage.pids_refused, 0);
}

/* ---- cpu ---- */

static int spin(void *unused)
{
    (void)unused;
    for (volatile uint64_t i = 0; i != UINT64_MAX; i++)
        ;
    return 0;
}

static void a_busy_loop_under_a_quota_is_throttled(void)
{
    open_base();
    needs(GB_C_CPU);
    struct gb_limits limits = no_limits();
    limits.cpu_quota = 1000; /* so little that a busy machine gives it, too */
    limits.cpu_period = 50000;
    struct gb_cgroup group = make_group("quota", &limits);
    check_text(content(&group, GB_C_CPU, v1_or_v2("cpu.cfs_quota_us", "cpu.max")), v1_or_v2("1000", "1000 50000"));
    pid_t pid = member(&group, spin, NULL);
    struct gb_usage usage = no_usage();
    eventually((gb_cgroup_usage(&group, &usage), usage.cpu_throttled_periods > 2));
    end_member(pid);
    gb_cgroup_usage(&group, &usage);
    check(usage.cpu_throttled != GB_UNSET && usage.cpu_throttled > 0);
    check(usage.cpu_periods >= usage.cpu_throttled_periods);
}

static void cpu_time_is_measured_and_nothing_throttled_without_a_quota(void)
{
    open_base();
    needs(GB_C_CPUACCT);
    struct gb_cgroup group = make_group("time", NULL);
    pid_t pid = member(&group, spin, NULL);
    struct gb_usage usage = no_usage();
    eventually((gb_cgroup_usage(&group, &usage), usage.cpu_user != GB_UNSET && usage.cpu_user > 200000));
    kill(pid, SIGKILL);
    struct rusage own;
    check(wait4(pid, NULL, 0, &own) == pid);
    gb_cgroup_usage(&group, &usage);
    check(usage.cpu_system != GB_UNSET && usage.cpu_user > usage.cpu_system);
    uint64_t spent = (uint64_t)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) * 1000000 + (uint64_t)(own.ru_utime.tv_usec + own.ru_stime.tv_usec);
    uint64_t measured = usage.cpu_user + usage.cpu_system;
    check(measured > spent / 2 && measured < spent * 2); /* the same thing, in the same unit */
    if (base.usable[GB_C_CPU])
        check_number(usage.cpu_throttled, 0);
}

static void a_quota_and_its_period_can_be_changed_apart(void)
{
    open_base();
    needs(GB_C_CPU);
    struct gb_limits limits = no_limits();
    struct gb_error error;
    limits.cpu_quota = 200000;
    limits.cpu_period = 100000;
    struct gb_cgroup group = make_group("apart", &limits);
    limits.cpu_quota = GB_UNSET;
    limits.cpu_period = 50000;
    check(gb_cgroup_limit(&group, &limits, &error) == 0);
    limits.cpu_quota = 25000;
    limits.cpu_period = GB_UNSET;
    check(gb_cgroup_limit(&group, &limits, &error) == 0);
    check_text(content(&group, GB_C_CPU, v1_or_v2("cpu.cfs_quota_us", "cpu.max")), v1_or_v2("25000", "25000 50000"));
    if (base.version == 1)
        check_text(content(&group, GB_C_CPU, "cpu.cfs_period_us"), "50000");
}

static void a_weight_is_mapped_to_what_the_hierarchy_calls_it(void)
{
    static const struct { uint64_t weight; const char *v1, *v2; } table[] = {
        {100, "1024", "100"}, {1, "10", "1"}, {50, "512", "50"}, {10000, "102400", "10000"},
    };
    open_base();
    needs(GB_C_CPU);
    struct gb_cgroup group = make_group("weight", NULL);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct gb_limits limits = no_limits();
        struct gb_error error;
        limits.cpu_weight = table[i].weight;
        check(gb_cgroup_limit(&group, &limits, &error) == 0);
        check_text(content(&group, GB_C_CPU, v1_or_v2("cpu.shares", "cpu.weight")), v1_or_v2(table[i].v1, table[i].v2));
    }
}

static int count_cpus(void *unused)
{
    (void)unused;
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 99;
}

static int wait_then_count_cpus(void *gate)
{
    char go;
    if (read(*(int *)gate, &go, 1) != 1)
        return 97;
    return count_cpus(NULL);
}

static void a_cpuset_confines_members_also_those_that_joined_before(void)
{
    open_base();
    needs(GB_C_CPUSET);
    struct gb_cgroup group = make_group("cpuset", NULL);
    int all = WEXITSTATUS(wait_for(member(&group, count_cpus, NULL)));
    if (all < 2)
        tap_skip("this machine has one CPU");
    int gate[2];
    check(pipe(gate) == 0);
    pid_t early = member(&group, wait_then_count_cpus, &gate[0]);
    struct gb_limits limits = no_limits();
    struct gb_error error;
    strcpy(limits.cpuset, "0");
    check(gb_cgroup_limit(&group, &limits, &error) == 0);
    check_number(WEXITSTATUS(wait_for(member(&group, count_cpus, NULL))), 1);
    check(write(gate[1], "g", 1) == 1);
    check_number(WEXITSTATUS(wait_for(early)), 1);
}

static void a_cpuset_that_is_no_list_of_cpus_is_refused_and_leaves_nothing(void)
{
    open_base();
    needs(GB_C_CPUSET);
    struct gb_limits limits = no_limits();
    strcpy(limits.cpuset, "0-");
    int fds = count_fds();
    struct gb_error error = refused_group("badset", &limits);
    check_text(error.stage, "limit-cpuset");
    check_number(error.number, EINVAL);
    check_number(count_fds(), fds);
    for (int c = 0; c < GB_C_COUNT; c++)
        if (base.dir[c] >= 0)
            check(faccessat(base.dir[c], "badset", F_OK, 0) < 0);
}

static void every_limit_is_absent_unless_asked_for(void)
{
    open_base();
    struct gb_cgroup group = make_group("none", NULL);
    if (base.usable[GB_C_MEMORY])
        check_text(content(&group, GB_C_MEMORY, v1_or_v2("memory.limit_in_bytes", "memory.max")), v1_or_v2("9223372036854771712", "max"));
    if (base.usable[GB_C_CPU])
        check_text(content(&group, GB_C_CPU, v1_or_v2("cpu.cfs_quota_us", "cpu.max")), v1_or_v2("-1", "max 100000"));
    if (base.usable[GB_C_PIDS])
        check_text(content(&group, GB_C_PIDS, "pids.max"), "max");
}

static void limits_without_a_usable_controller(void)
{
    memset(&base, 0, sizeof base);
    memset(base.dir, -1, sizeof base.dir);
    struct gb_limits limits = no_limits();
    limits.memory = limits.pids = 100 * MIB;
    limits.swap = 0;
    struct gb_cgroup group = make_group("nothing", &limits); /* sampled instead */
    check_number(group.events, -1);
    struct gb_error error;
    struct gb_usage usage = no_usage();
    gb_cgroup_usage(&group, &usage);
    check_number(usage.memory_peak, GB_UNSET);
    check_number(usage.cpu_user, GB_UNSET);
    check(gb_cgroup_join(&group, getpid(), &error) == 0);
    check(gb_cgroup_freeze(&group, true, &error) == -1);
    check_number(error.number, ENOTSUP);
    check(gb_cgroup_remove(&group, &error) == 0);

    limits.cpu_weight = 200;
    check_text(refused_group("cpu", &limits).stage, "limit-cpu");
    limits.cpu_weight = GB_UNSET;
    strcpy(limits.cpuset, "0");
    check_text(refused_group("cpuset", &limits).stage, "limit-cpuset");
    limits.cpuset[0] = 0;
    limits.io_count = 1;
    check_text(refused_group("io", &limits).stage, "limit-io");
    limits.io_count = 0;
    limits.hugetlb_count = 1;
    error = refused_group("hugetlb", &limits);
    check_text(error.stage, "limit-hugetlb");
    check_number(error.number, ENOTSUP);
}

#define CASE(title, function) {title, function}
int main(int argc, char **argv)
{
    static const struct tap_case cases[] = {
        CASE("a memory hog is killed, announced and measured", a_memory_hog_is_killed_announced_and_measured),
        CASE("memory below the limit is neither killed nor announced", memory_below_the_limit_is_neither_killed_nor_announced),
        CASE("memory and swap can be raised and lowered in any order", memory_and_swap_can_be_raised_and_lowered_in_any_order),
        CASE("a new memory limit keeps the swap that was allowed", a_new_memory_limit_keeps_the_swap_that_was_allowed),
        CASE("no swap without a memory limit is accepted", no_swap_without_a_memory_limit_is_accepted),
        CASE("forks beyond the pids limit are refused and counted", forks_beyond_the_pids_limit_are_refused_and_counted),
        CASE("without a pids limit forks are not refused", without_a_pids_limit_forks_are_not_refused),
        CASE("a busy loop under a quota is throttled", a_busy_loop_under_a_quota_is_throttled),
        CASE("cpu time is measured, and nothing throttled without a quota", cpu_time_is_measured_and_nothing_throttled_without_a_quota),
        CASE("a quota and its period can be changed apart", a_quota_and_its_period_can_be_changed_apart),
        CASE("a weight is mapped to what the hierarchy calls it", a_weight_is_mapped_to_what_the_hierarchy_calls_it),
        CASE("a cpuset confines members, also those that joined before", a_cpuset_confines_members_also_those_that_joined_before),
        CASE("a cpuset that is no list of CPUs is refused and leaves nothing", a_cpuset_that_is_no_list_of_cpus_is_refused_and_leaves_nothing),
        CASE("every limit is absent unless asked for", every_limit_is_absent_unless_asked_for),
        CASE("without a cgroup memory and pids are accepted, other limits refused", limits_without_a_usable_controller),
    };
    enter_scratch();
    int status = tap_main(argc, argv, cases, sizeof cases / sizeof cases[0], sweep);
    leave_scratch();
    return status;
}
