/*
 * What the cgroup files share among themselves; everybody else includes supervisor.h.
 *   cgroup_tables.c  what v1 and v2 call things
 *   cgroup_file.c    reading, writing and removing below a directory descriptor
 *   cgroup_find.c    where this process is in each hierarchy
 *   cgroup_base.c    the directory below which a supervisor's groups live
 *   cgroup_leaf.c    v2's "no internal processes" rule
 *   cgroup.c         one group per sandbox: limits, members, usage
 */
#ifndef GLOVEBOX_CGROUP_H
#define GLOVEBOX_CGROUP_H

#include "supervisor.h"

/* ---- cgroup_tables.c ---- */

/* One figure of gb_usage: the sum of the numbers that follow `key` in `file` (NULL: the file is one number). */
struct gb_cg_figure {
    enum gb_controller controller;
    size_t field; /* offset in struct gb_usage */
    const char *file, *key;
    uint32_t divisor, minus;
};

/* Where an io limit goes: `MAJ:MIN <key>N` written to `file`. */
struct gb_cg_io {
    const char *file, *key;
};

struct gb_cg_table {
    const char *names[GB_C_COUNT]; /* in /proc/self/cgroup (v1) or cgroup.controllers (v2); NULL: always there */
    const char *memory, *swap;
    bool swap_includes_memory;     /* one value caps both */
    const char *cpu_quota;
    const char *cpu_period;        /* NULL: "QUOTA PERIOD" in cpu_quota */
    const char *cpu_weight;
    uint32_t weight_default, weight_min, weight_max;
    const char *pids;
    struct gb_cg_io io[4];         /* in the order of gb_io_rule's members */
    const char *hugetlb_suffix;    /* hugetlb.SIZE.<suffix> */
    const char *freeze, *frozen, *thawed;                /* file and the two values to write */
    const char *freeze_state, *is_frozen, *is_thawed;    /* file to wait on, and what it then contains */
    const char *threads;           /* lists those of a group, all of them */
    const char *cpu_total;         /* nanoseconds, exact, where user and system are only sampled; NULL: they are exact */
    bool counts_io_always;         /* no line in io's files means no operation yet; else it may mean that nobody counts */
    const struct gb_cg_figure *figures;
    size_t figure_count;
};

/* version: 1 or 2 */
const struct gb_cg_table *gb_cg_table(int version);

/* ---- cgroup_file.c ---- */

/* A short line under construction; silently cut at its end. */
struct gb_text {
    size_t length;
    char bytes[320];
};
void gb_text_add(struct gb_text *text, const char *string);
void gb_text_number(struct gb_text *text, uint64_t number);

int gb_cg_write(int dir, const char *file, const struct gb_text *text);
int gb_cg_write_string(int dir, const char *file, const char *string);
/* At most size-1 bytes, NUL-terminated. Returns the length. */
ssize_t gb_cg_read(int dir, const char *file, char *buffer, size_t size);
/* The sum of the numbers after each `key` that begins a word; GB_UNSET when there is none. key NULL: the number at the start. */
uint64_t gb_cg_sum(const char *text, const char *key);
/* Whether `word` is one of the blank-separated words of `text`. */
bool gb_cg_has_word(const char *text, const char *word);

/* Writes each process of `from` into `to`'s cgroup.procs. Returns how many, or -1. Processes of other PID namespaces are skipped. */
int gb_cg_move_all(int from, int to);
/* SIGKILL to every process listed; 0 when there was none. */
int gb_cg_kill_all(int dir);
/* Calls visit(dir, name, context) for each child directory until it returns non-zero, which is returned. */
int gb_cg_each_child(int dir, int (*visit)(int dir, const char *name, void *context), void *context);
/* rmdir of `name` and all below it, retrying EBUSY for that long. A missing one is no error. */
int gb_cg_remove(int parent, const char *name, int budget_ms);
void gb_cg_thaw(int dir, const struct gb_cg_table *table);

/* Milliseconds of a clock that only goes forward; a pause of about a millisecond. */
int64_t gb_cg_now(void);
void gb_cg_pause(void);

/* Whether controller `c` is the first with its directory: on v2, and where v1 hierarchies are co-mounted, several share one. */
bool gb_cg_first(const int dir[GB_C_COUNT], int c);

/* ---- cgroup_base.c ---- */

/* Removes `name` and all below, first thawing and killing whatever still lives there; up to a second. On v1 the freezer's hierarchy
 * has to come first. */
int gb_cg_purge(int parent, const char *name, const struct gb_cg_table *table);

/* ---- cgroup_find.c ---- */

/* The cgroup that this process is in. */
struct gb_cg_own {
    int version;
    int dir[GB_C_COUNT]; /* v2: all the same */
    char path[256];      /* of memory's, or the first; for messages */
    bool in_leaf;        /* v2: it is a runner's leaf, so that the place to work in is its parent */
};
/* Never fails: version 0 and the reason. */
void gb_cg_find_own(struct gb_cg_own *own, char reason[256]);

/* ---- cgroup_leaf.c (v2) ---- */

#define GB_CG_LEAF "glovebox-runner"
#define GB_CG_BASE "glovebox."

/* Enables in `dir`, for its children, every controller of the table that is available there, moving the processes of `dir` into
 * a leaf where the kernel asks for that. Returns a mask of gb_controller bits that are enabled now. */
unsigned gb_cg_enable(int dir, const struct gb_cg_table *table, bool may_move);
/* Undoes that when no base is left in `dir`. */
void gb_cg_leave_leaf(int dir);

#endif
