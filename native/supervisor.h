/*
 * Contracts between the files of the supervisor. Each function says in which process it runs:
 *   relay       the process that core spawned: outside all namespaces, only waits, and relays the keeper's exit
 *   keeper      the relay's child, outside all namespaces: makes the cgroup base, waits, removes what the supervisor leaves
 *   supervisor  PID 1 of the outer user, PID and mount namespaces
 *   init        PID 1 of one sandbox
 *   child       the init's child, about to become the worker
 * Functions return 0 (or a descriptor, or a pid) on success and -1 with *error filled in on failure.
 */
#ifndef GLOVEBOX_SUPERVISOR_H
#define GLOVEBOX_SUPERVISOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define GB_EXIT_BROKEN 3 /* exit status of keeper and supervisor when they cannot go on; the control socket has said why if it could */

/* What went wrong, where, on which path. `stage` is a string constant in kebab-case, part of the public protocol. */
struct gb_error {
    const char *stage;
    int number; /* errno, 0 if none */
    char path[256];
    char message[256];
};

/* Records errno with the stage and path; returns -1, so that `return gb_fail(...)` reads well. */
int gb_fail(struct gb_error *error, const char *stage, const char *path);
/* The same with an explicit errno (0: none) and message (NULL: the errno's own text is enough). */
int gb_fail_with(struct gb_error *error, const char *stage, int number, const char *path, const char *message);

#define GB_UNSET ((uint64_t)-1) /* a limit that is not set; a usage key that cannot be measured */
#define GB_MAX_IO_RULES 8
#define GB_MAX_HUGETLB 4

struct gb_io_rule {
    char device[24]; /* "MAJ:MIN" */
    uint64_t read_bps, write_bps, read_iops, write_iops;
};

struct gb_hugetlb {
    char size[16]; /* "2MB" */
    uint64_t bytes;
};

struct gb_limits {
    uint64_t memory, swap;           /* bytes */
    uint64_t cpu_quota, cpu_period;  /* microseconds */
    uint64_t cpu_weight;             /* 1..10000 */
    char cpuset[128];                /* "" = unset */
    uint64_t pids;                   /* the init not counted: implementations add one */
    struct gb_io_rule io[GB_MAX_IO_RULES];
    unsigned io_count;
    struct gb_hugetlb hugetlb[GB_MAX_HUGETLB];
    unsigned hugetlb_count;
    uint64_t timeout_ms;             /* handled by the main loop, not by cgroup.c */
};

struct gb_usage {
    uint64_t memory_peak, memory_current;                   /* bytes */
    uint64_t cpu_user, cpu_system, cpu_throttled;           /* microseconds */
    uint64_t cpu_periods, cpu_throttled_periods;
    uint64_t pids_peak;
    uint64_t io_read_bytes, io_write_bytes, io_reads, io_writes;
    uint64_t oom_kills, pids_refused;
    uint64_t voluntary_switches, involuntary_switches;      /* from the init's wait4 */
    uint64_t disk_bytes;                                    /* scratch file system in use */
    uint64_t wall_ms;
};

/* ---- cgroup.c and its tables: one facade, v1 and v2 differ only in file names and value formats ---- */

enum gb_controller { GB_C_MEMORY, GB_C_CPU, GB_C_CPUACCT, GB_C_CPUSET, GB_C_PIDS, GB_C_IO, GB_C_HUGETLB, GB_C_FREEZER, GB_C_COUNT };

struct gb_cgroup_base {
    int version;              /* 2, 1, or 0: no cgroup can be used */
    int dir[GB_C_COUNT];      /* directory fds, -1 where absent; on v2 every usable controller has the same one */
    bool usable[GB_C_COUNT];
    char path[256];           /* for messages: where the base lies (of memory's hierarchy on v1) */
    char reason[256];         /* why version is 0, or which controllers are missing and why */
    char name[64];            /* the base directory's own name, "glovebox.PID-RANDOM" */
    int place_version;        /* of the hierarchies in which it is to lie, 0: there are none */
    int place[GB_C_COUNT];    /* the process's own cgroup in each of them, -1 where absent */
};

/* relay. Decides on place and name, and makes nothing yet: whoever is forked from now on can remove what another is to make. */
void gb_cgroup_place_base(struct gb_cgroup_base *base);

/* keeper, before any namespace exists. Makes `glovebox.*` below the process's own cgroup in each usable hierarchy, holds a
 * flock on it (until the last copy of the descriptors is closed: an init must not keep them), moves processes into the leaf
 * `glovebox-runner` where v2's "no internal processes" rule asks for it, and sweeps sibling bases whose lock is free (their
 * owner is dead). Never fails: version 0 and `reason` say what is missing. */
void gb_cgroup_open_base(struct gb_cgroup_base *base);

/* relay, keeper or supervisor, whoever has made it, and however much of it there is. Removes the base and what is left below it (all
 * processes are dead), moves back what was moved (not from within another PID namespace); retries EBUSY for up to a second. */
void gb_cgroup_close_base(struct gb_cgroup_base *base);

/* keeper, when the supervisor may have been killed while a sandbox was frozen: on v1 frozen processes do not die of SIGKILL, so
 * that the end of the supervisor's PID namespace, and waiting for it, would never come. Thaws every group below the base. (A pipe
 * whose writing end only the supervisor holds tells in time: descriptors are closed before the namespace is torn down.) */
void gb_cgroup_thaw_base(const struct gb_cgroup_base *base);

struct gb_cgroup {
    const struct gb_cgroup_base *base;
    char name[64];
    int dir[GB_C_COUNT]; /* -1 where absent; on v1 cpuset and hugetlb appear only once they are limited */
    int unified;         /* v2: the group's directory, for CLONE_INTO_CGROUP; -1 on v1. Not to be closed by the caller */
    int events;          /* pollable fd (POLLIN) that wakes when the memory limit is hit and, on v2, the pids limit; or -1 */
    uint64_t oom_seen;   /* OOM notifications drained from `events` so far (v1) */
};

/* supervisor. An absent limit is left unlimited (by gb_cgroup_limit: as it is). A limit whose controller is not usable: stage
 * "limit-cpu" (quota and weight), "limit-cpuset", "limit-io" or "limit-hugetlb", errno ENOTSUP. memory, swap and pids are exempt
 * where their controller is not usable (dir is -1): sample.c and rlimits enforce them. A value that the kernel refuses: the same
 * stages, or "limit-memory", "limit-swap", "limit-pids", with the kernel's errno. On failure of create nothing is left. */
int gb_cgroup_create(struct gb_cgroup *group, const struct gb_cgroup_base *base, const char *name, const struct gb_limits *limits, struct gb_error *error);
int gb_cgroup_limit(struct gb_cgroup *group, const struct gb_limits *limits, struct gb_error *error);
/* supervisor. Moves a process (pid in the supervisor's PID namespace) into every hierarchy of the group. */
int gb_cgroup_join(const struct gb_cgroup *group, pid_t pid, struct gb_error *error);
/* supervisor. Returns once every process is frozen (thawed), ETIMEDOUT after half a second. Thaw before killing: see above. */
int gb_cgroup_freeze(const struct gb_cgroup *group, bool frozen, struct gb_error *error);
/* supervisor. Drains `events` if it woke; fills only the keys that the hierarchy measures, leaves the others as they are. The init
 * is not counted in pids_peak. A memory hit that v1 has announced but not yet executed counts as one oom_kill. */
void gb_cgroup_usage(struct gb_cgroup *group, struct gb_usage *usage);
/* supervisor. Bytes that it has now, GB_UNSET where nothing measures them. */
uint64_t gb_cgroup_memory(const struct gb_cgroup *group);
/* supervisor. SIGKILL to every process of the group (cgroup.kill, or one by one), thawing it first. Does not wait. */
void gb_cgroup_kill(const struct gb_cgroup *group);
/* supervisor. All processes must be dead. Retries EBUSY for up to 50 ms (zombies being reaped); on failure it may be called again. */
int gb_cgroup_remove(struct gb_cgroup *group, struct gb_error *error);

/* ---- sample.c: memory and process counts without a cgroup ---- */

/* supervisor, every 50 ms while a sandbox without memory or pids cgroup runs. Reads the supervisor's own /proc: all processes whose
 * PID namespace (or an ancestor's) is the init's. `memory`: private and shared anonymous memory of all of them, plus what `scratch`
 * (a descriptor on the sandbox's scratch file system, or -1) holds. That sum counts a page shared by two processes twice; where
 * it exceeds `limit` it is refined (each shared page once, Pss), which is dearer. `pids`: processes and threads, the init not
 * counted. Fails with ESRCH when the init is gone. */
int gb_sample(pid_t init, int scratch, uint64_t limit, uint64_t *memory, uint64_t *pids, struct gb_error *error);

#endif
