/* PID 1 of a sandbox, and what it and the supervisor say to each other over a SOCK_SEQPACKET pair. */
#ifndef GLOVEBOX_INIT_H
#define GLOVEBOX_INIT_H

#include "decode.h"
#include "message.h"

/* supervisor → init */
enum gb_order_kind {
    GB_ORDER_GO,       /* the id maps are written, the cgroup is joined: make the sandbox */
    GB_ORDER_START,    /* `argument` bytes of start request in the memory file that comes along */
    GB_ORDER_SIGNAL,   /* to the worker */
    GB_ORDER_STOP,     /* SIGSTOP to every process but the init, where there is no freezer */
    GB_ORDER_CONTINUE,
    GB_ORDER_PROCESSES, /* `processes` has changed for a worker that runs */
    GB_ORDER_CONNECTS, /* of a worker that was forked from a template: the descriptor that comes along, see connects.h */
    GB_ORDER_END,      /* the worker, forked from a template, has ended with the status `argument` */
};

struct gb_order {
    enum gb_order_kind kind;
    uint32_t argument;
    uint64_t processes; /* RLIMIT_NPROC of the worker, for want of a pids cgroup; else GB_UNSET */
};

/* init → supervisor */
enum gb_report_kind {
    GB_REPORT_READY,       /* `pid`: the init's as the host sees it, 0 if unknown; the scratch file system's descriptor comes along */
    GB_REPORT_FAILED,      /* the sandbox could not be made: `error` */
    GB_REPORT_STARTED,     /* `pid` of the worker, inside */
    GB_REPORT_EXEC_FAILED, /* `error` */
    GB_REPORT_REFUSED,     /* somebody asked for the name `name`, which does not exist inside */
    GB_REPORT_ENDED,       /* `status` as of waitpid; leak records follow the structure */
};

struct gb_report {
    enum gb_report_kind kind;
    pid_t pid;
    int status;
    struct gb_error error; /* its stage is a constant of this executable, which both sides are */
    char name[256];
    uint64_t time;         /* when `name` was asked for: CLOCK_MONOTONIC, microseconds */
};

#define GB_MAX_LEAK_RECORDS 16384 /* bytes */

/* What an init needs to know; it is a fork of the supervisor, so pointers are fine. */
struct gb_init_plan {
    const struct gb_request *request;
    int socket;
    const char *layers;        /* directory for upper layers of overlays, "": the scratch file system */
    int stdio[4];              /* the worker's descriptors 0..3, -1: none */
    int forwarder;             /* socket to it, -1: no network policy */
    int host_proc;             /* procfs of the runner's PID namespace, or -1 */
    bool keep_file_capabilities;
    bool bare_proc;            /* see mount.h */
    int cgroup;                /* version of the cgroups that it is in, 0: none of its own */
    const char *oom_score_adj; /* to give back to the worker, or NULL */
};

/* init, resolver.c. Answers what has been asked. */
void gb_resolver_serve(int resolver, int supervisor);

_Noreturn void gb_init(const struct gb_init_plan *plan);

/* init, census.c. Writes leak records of what still runs and listens into `records`; returns their length. */
size_t gb_census(bool listeners, char *records, size_t room);


#endif
