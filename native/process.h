/* From the init (or the supervisor, for templates) to a running worker: everything between fork and exec. */
#ifndef GLOVEBOX_PROCESS_H
#define GLOVEBOX_PROCESS_H

#include "decode.h"

/* What the filter of system calls lets through that it usually refuses. */
enum { GB_FILTER_OFF = 1, GB_FILTER_NAMESPACES = 2, GB_FILTER_RINGS = 4 };

/* What a worker is started with. */
struct gb_worker {
    char **argv, **environment;      /* one table, from gb_read_start */
    size_t table_bytes;
    const char *cwd;
    unsigned umask;                  /* 01000: leave it */
    const int *stdio;                /* 4 descriptors, all of them above 3; -1: none */
    const uint64_t *rlimits;         /* GB_R_COUNT */
    uint64_t processes;              /* RLIMIT_NPROC, GB_UNSET: leave it */
    bool keep_file_capabilities;     /* root: chown and files of other owners work as in a container */
    unsigned filter;                 /* of system calls: GB_FILTER_*, 0 is the strictest */
    const char *oom_score_adj;       /* what the runner had, NULL: leave it */
    bool is_template;                /* stays outside of sandboxes, able to enter them; only stdio, cwd and umask apply */
};

/* supervisor. The request in a memory file: of any size, without waiting for the process that reads it. */
int gb_memory_file(const char *bytes, size_t length, struct gb_error *error);
/* init or supervisor. Splits a start request, which must stay mapped, into argv, environment, cwd and umask. */
int gb_read_start(const char *payload, size_t length, struct gb_worker *worker, struct gb_error *error);
void gb_free_start(struct gb_worker *worker);

/* init or supervisor. Forks and executes; the worker's pid, or -1 with the error of the step that failed. */
pid_t gb_spawn(const struct gb_worker *worker, struct gb_error *error);

/* child. Gives up every privilege that the worker is not to have. */
int gb_confine(const struct gb_worker *worker, struct gb_error *error);
/* child (of itself: 0), init or supervisor (of a worker that runs). */
int gb_limit_processes(pid_t pid, uint64_t processes, struct gb_error *error);
/* child. What a template has instead. */
int gb_keep_for_template(const struct gb_worker *worker, struct gb_error *error);

/* The filter's instructions, at most GB_FILTER_LENGTH, and their number. Pure. */
#define GB_FILTER_LENGTH 256
struct sock_filter;
unsigned short gb_seccomp_program(unsigned filter, struct sock_filter *instructions);
/* child. Installs the filter; -1 and errno. no_new_privs must be set. Does nothing with GB_FILTER_OFF. */
int gb_seccomp_install(unsigned filter);
/* What a create request asks for. */
unsigned gb_filter_of(const struct gb_request *request);

#endif
