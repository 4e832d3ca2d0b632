/*
 * CPUs of a sandbox that has a quota of CPU time: as many as the quota can keep busy, so that whoever asks the kernel how many there are
 * (nproc, libuv, OpenMP) is told. Spread over the host: each sandbox gets those that the fewest others have. Idle prepared ones
 * have none yet, so they do not count.
 */
#include "affinity.h"
#include "cgroup.h"

#include <sched.h>
#include <stdlib.h>

static bool is_alive(const struct gb_sandbox *sandbox)
{
    return sandbox->state != GB_S_FREE && sandbox->state != GB_S_ENDED;
}

static void count_users(const struct gb_supervisor *supervisor, const struct gb_sandbox *except, unsigned users[CPU_SETSIZE])
{
    for (unsigned i = 0; i < supervisor->used; i++) {
        const struct gb_sandbox *sandbox = &supervisor->sandboxes[i];
        if (sandbox == except || !is_alive(sandbox) || !sandbox->pinned)
            continue;
        for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
            users[cpu] += CPU_ISSET(cpu, &sandbox->cpus) ? 1 : 0;
    }
}

/* Of those with equally many users a different one each time: other runs on this host choose, too. */
static void choose(const cpu_set_t *allowed, unsigned count, const unsigned users[CPU_SETSIZE], cpu_set_t *chosen)
{
    unsigned first = (unsigned)(gb_now_ms() % CPU_SETSIZE);
    CPU_ZERO(chosen);
    while (count-- > 0) {
        int best = -1;
        for (unsigned i = 0; i < CPU_SETSIZE; i++) {
            int cpu = (int)((first + i) % CPU_SETSIZE);
            if (CPU_ISSET(cpu, allowed) && !CPU_ISSET(cpu, chosen) && (best < 0 || users[cpu] < users[best]))
                best = cpu;
        }
        CPU_SET(best, chosen);
    }
}

/* What may be used: the supervisor's own CPUs, less what a cpuset takes away, which the kernel sees to. */
static bool read_allowed(pid_t pid, cpu_set_t *allowed)
{
    return sched_getaffinity(0, sizeof *allowed, allowed) == 0 && sched_setaffinity(pid, sizeof *allowed, allowed) == 0
        && sched_getaffinity(pid, sizeof *allowed, allowed) == 0;
}

void gb_affinity_choose(const struct gb_supervisor *supervisor, struct gb_sandbox *sandbox, uint64_t quota, uint64_t period)
{
    cpu_set_t allowed;
    unsigned users[CPU_SETSIZE] = {0};
    if (quota == GB_UNSET || period == GB_UNSET || period == 0 || !read_allowed(sandbox->init, &allowed))
        return;
    uint64_t count = (quota + period - 1) / period;
    sandbox->pinned = count < (uint64_t)CPU_COUNT(&allowed);
    if (sandbox->pinned) {
        count_users(supervisor, sandbox, users);
        choose(&allowed, (unsigned)count, users, &sandbox->cpus);
    } else {
        sandbox->cpus = allowed;
    }
    gb_affinity_apply(sandbox);
}

/* To all that is in it now; what starts later inherits it. */
void gb_affinity_apply(const struct gb_sandbox *sandbox)
{
    char threads[4096];
    int dir = sandbox->group.dir[GB_C_CPU];
    if (CPU_COUNT(&sandbox->cpus) == 0 || dir < 0
        || gb_cg_read(dir, gb_cg_table(sandbox->group.base->version)->threads, threads, sizeof threads) < 0)
        return;
    char *next = threads;
    for (long thread; (thread = strtol(next, &next, 10)) > 0;)
        sched_setaffinity((pid_t)thread, sizeof sandbox->cpus, &sandbox->cpus);
}
