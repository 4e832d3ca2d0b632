/*
 * Between the supervisor and its templates, over GB_TEMPLATE_FD (a Unix stream socket).
 *
 *   supervisor                       template (in C, inside gb_template_serve)
 *    │ ◀───────────────── READY ────── │   warm; its JavaScript heap is not touched again
 *    │ ── request, descriptors ──────▶ │   setns(init, pid), fork
 *    │ ◀───────────────── FORKED pid ─ │        │ child: joins cgroups and namespaces, confines itself, revives threads
 *    │ ◀────────────────────────────────────── │ ENTERED, or FAILED stage errno, upon which it exits
 *    │ ◀───────────────── EXITED pid ─ │   the template is the worker's parent and passes its status on
 *   EOF in either direction ends the template; its workers end with their sandboxes.
 *
 * A request is one gb_fork_request with descriptors attached, in this order: pidfd of the init, stdin, stdout, stderr, channel, a memory
 * file that holds the start request, one cgroup.procs file per hierarchy. Both ends come from one build.
 */
#ifndef GLOVEBOX_FORK_WIRE_H
#define GLOVEBOX_FORK_WIRE_H

#include "../decode.h"

#define GB_TEMPLATE_FD 3
enum { GB_FORK_INIT_FD, GB_FORK_STDIO_FD, GB_FORK_MEMORY_FD = 5, GB_FORK_FIXED_FDS };
#define GB_FORK_MAX_FDS 16

struct gb_fork_request {
    uint32_t sandbox; /* the supervisor's number for it, repeated in notices */
    uint32_t length;  /* of the start request */
    uint32_t descriptors;
    uint32_t namespaces; /* CLONE_NEW* flags of all that are to be joined, besides the PID namespace */
    uint32_t umask;      /* as in struct gb_worker, like all that follows */
    uint64_t rlimits[GB_R_COUNT];
    uint64_t processes;
    bool keep_file_capabilities;
    uint32_t filter;
    bool watch_connects; /* ENTERED comes with the descriptor of gb_watch_connects() */
    char oom_score_adj[16]; /* empty: leave it */
};

enum gb_fork_notice_kind { GB_FORK_READY = 1, GB_FORK_FORKED, GB_FORK_ENTERED, GB_FORK_EXITED, GB_FORK_FAILED };

struct gb_fork_notice {
    uint32_t kind;
    uint32_t sandbox;
    int32_t pid;
    int32_t status; /* EXITED: as from waitpid() */
    int32_t number; /* FAILED: errno */
    char stage[32];
    uint64_t cpu_user, cpu_system, voluntary_switches, involuntary_switches; /* EXITED: of the worker and what it waited for; microseconds */
};

#endif
