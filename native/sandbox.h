/* The supervisor's side of sandboxes: the table, the state of each, and what requests and events do to them. */
#ifndef GLOVEBOX_SANDBOX_H
#define GLOVEBOX_SANDBOX_H

#include "decode.h"
#include "encode.h"
#include "figures.h"
#include "fork/wire.h"
#include "mount.h"

#include <sched.h>

#define GB_MAX_SANDBOXES 512
#define GB_PATH_SIZE 4096
#define GB_MAX_TEMPLATES 16

enum gb_state {
    GB_S_FREE,
    GB_S_MAKING,   /* create is to be answered when the init reports */
    GB_S_READY,
    GB_S_STARTING, /* start is to be answered when the init reports */
    GB_S_RUNNING,
    GB_S_ENDED,    /* the init is reaped, the exit event is out; layers and cgroup are kept for changes, export, destroy */
};

/* Where upper layers of overlays lie, see layers.h. */
enum gb_layers { GB_LAYERS_MEMORY, GB_LAYERS_DISK, GB_LAYERS_LIMITED };

/* First cause wins. */
enum gb_cause { GB_CAUSE_NONE, GB_CAUSE_EXIT, GB_CAUSE_MEMORY, GB_CAUSE_TIMEOUT, GB_CAUSE_KILLED, GB_CAUSE_EXEC_FAILED };

struct gb_sandbox {
    enum gb_state state;
    char name[64];
    pid_t init;
    int pidfd, socket, scratch; /* -1: none (any more) */
    int stdio[4];               /* the worker's, until it is started */
    struct gb_cgroup group;
    bool joined;                /* the init was cloned into the group */
    bool sampled;               /* memory or pids are watched by gb_sample */
    bool paused;
    bool destroying;            /* answer destroy_id when nothing is left */
    uint64_t request_id;        /* of the create or start to be answered */
    uint64_t destroy_id;
    struct gb_limits limits;
    struct gb_usage usage;      /* peaks so far */
    uint64_t started, deadline, next_sample, next_figures; /* CLOCK_MONOTONIC ms, 0: none */
    struct gb_figures figures;
    cpu_set_t cpus;             /* empty: as the supervisor */
    bool pinned;                /* they are fewer than it could have */
    bool clock_set;             /* by a limits request: start leaves it alone */
    bool memory_said, pids_said, scratch_full;
    enum gb_cause cause;
    char cause_detail[128];
    struct gb_error exec_error;
    pid_t forwarder;            /* of its network policy; 0: none (any more) */
    int network_events;         /* what the forwarder has to tell, or -1 */
    bool watch_connects;        /* its policy names no port for some name, see connects.h */
    int layers;                 /* directory of layers on disk, -1: they are in the scratch file system */
    unsigned overlay_count;
    struct {
        char *source, *target;  /* paths of the host, of the sandbox */
    } overlays[GB_MAX_OVERLAYS];
    /* for a worker that is forked from a template */
    struct gb_template *template; /* NULL: executed, or the template has died */
    pid_t worker;               /* 0: none (any more) */
    pid_t entered;              /* the worker's own pid, where it told that it has entered before the template told of it; else 0 */
    int orphan;                 /* pidfd of a worker whose template has died, or -1 */
    uint32_t namespaces;        /* CLONE_NEW* flags to join */
    uint64_t rlimits[GB_R_COUNT];
    unsigned filter;            /* of system calls, see process.h */
    bool keep_file_capabilities;
    struct gb_fork_notice fork_usage;
    char fork_stage[32];        /* that exec_error.stage points to */
};

struct gb_template {
    char name[64];
    pid_t pid;                  /* 0: a free slot */
    int pidfd, socket;
    uint64_t request_id;        /* to be answered when it is ready */
    bool ready;
};

struct gb_supervisor {
    int control, run_dir;       /* -1: none yet */
    struct gb_cgroup_base *base;
    enum gb_layers layers;
    int host_proc;              /* procfs of the runner's PID namespace */
    int relay_life;             /* a pipe: end of file there when relay or keeper dies */
    const char *oom_score_adj;  /* of the runner, where the supervisor changed its own */
    bool privileged;
    bool hello;
    bool stop;                  /* after this round of the loop */
    bool broken;                /* because of input that made no sense */
    struct gb_error proc_error; /* stage set: no procfs of its own, so no sandbox either */
    char socket_path[GB_PATH_SIZE];
    char *run_path;             /* GB_PATH_SIZE bytes that relay and keeper share; empty: none to be removed at the end */
    struct gb_out out;
    unsigned used;              /* sandboxes at this index and above are free */
    struct gb_template templates[GB_MAX_TEMPLATES];
    struct gb_sandbox sandboxes[GB_MAX_SANDBOXES];
};

/* ---- loop.c ---- */

void gb_loop(struct gb_supervisor *supervisor);
uint64_t gb_now_ms(void);

/* ---- requests.c ---- */

void gb_handle_request(struct gb_supervisor *supervisor, const struct gb_request *request);

/* ---- create.c ---- */

/* Clones the init; the answer comes with its report. On failure nothing is left. */
int gb_sandbox_create(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox, const struct gb_request *request, struct gb_error *error);

/* ---- sandbox.c ---- */

struct gb_sandbox *gb_sandbox_find(struct gb_supervisor *supervisor, const char *name);
struct gb_sandbox *gb_sandbox_free_slot(struct gb_supervisor *supervisor); /* NULL: the table is full */
/* Executes the command, or forks it from the template that the request names. */
int gb_sandbox_start(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox, const struct gb_request *request, struct gb_error *error);
int gb_sandbox_signal(struct gb_sandbox *sandbox, int number, struct gb_error *error);
void gb_sandbox_close_stdio(struct gb_sandbox *sandbox);
/* Answers the start request. */
void gb_sandbox_on_started(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox, pid_t pid);
int gb_sandbox_set_limits(const struct gb_supervisor *supervisor, struct gb_sandbox *sandbox, const struct gb_limits *limits, struct gb_error *error);
int gb_sandbox_pause(struct gb_sandbox *sandbox, bool pause, struct gb_error *error);
/* RLIMIT_NPROC of its worker, GB_UNSET where a cgroup counts. */
uint64_t gb_sandbox_processes(const struct gb_sandbox *sandbox);
int gb_sandbox_order(struct gb_sandbox *sandbox, int kind, uint32_t argument, int descriptor, struct gb_error *error);
/* Kills everything in it; the first cause is kept. */
void gb_sandbox_kill(struct gb_sandbox *sandbox, enum gb_cause cause, const char *detail);
void gb_sandbox_look(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox); /* measures and samples now; hits have their effect */
/* What its descriptors and clocks brought. */
void gb_sandbox_on_report(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox);
void gb_sandbox_on_init_end(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox);
void gb_sandbox_on_limit_event(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox);
void gb_sandbox_on_time(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox, uint64_t now);
/* When gb_sandbox_on_time has to be called next, 0: never. */
uint64_t gb_sandbox_next_time(const struct gb_sandbox *sandbox);
/* The init is reaped or was never there: removes what is left and frees the slot. */
void gb_sandbox_discard(const struct gb_supervisor *supervisor, struct gb_sandbox *sandbox);
/* The same, and answers the destroy request if there was one. */
void gb_sandbox_release(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox);

/* ---- status.c: frames about sandboxes ---- */

void gb_send_reply(struct gb_supervisor *supervisor, uint64_t id);
void gb_send_error(struct gb_supervisor *supervisor, uint64_t id, const char *code, const struct gb_error *error);
void gb_put_usage(struct gb_out *out, const struct gb_usage *usage);
struct gb_blocked;
void gb_send_network_event(struct gb_supervisor *supervisor, const struct gb_sandbox *sandbox, const struct gb_blocked *blocked);
void gb_send_limit_event(struct gb_supervisor *supervisor, const struct gb_sandbox *sandbox, const char *limit);
/* `status` as of waitpid, -1 if none is known. */
void gb_send_exit_event(struct gb_supervisor *supervisor, const struct gb_sandbox *sandbox, int status, const char *leaks, size_t leaks_length);

/* ---- overlay.c ---- */

/* Adds a record group for each change of the upper layers to the frame being written. */
int gb_list_changes(const struct gb_sandbox *sandbox, struct gb_out *out, struct gb_error *error);
/* Copies files of an upper layer to a directory of the host; their number or -1. */
int gb_export(const struct gb_sandbox *sandbox, const struct gb_request *request, struct gb_error *error);

/* ---- forwarder.c ---- */

/* Starts the forwarder of a request with a network policy; the init's end of its socket in *init_end, else -1. */
int gb_forwarder_start(struct gb_sandbox *sandbox, const struct gb_request *request, int *init_end, struct gb_error *error);
void gb_forwarder_on_event(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox);
/* Kills and reaps it. */
void gb_forwarder_end(struct gb_sandbox *sandbox);

/* ---- probe.c ---- */

int gb_probe(struct gb_supervisor *supervisor, enum gb_feature feature, struct gb_error *error);

/* ---- run_dir.c ---- */

/* supervisor. Marks and locks the run directory, sweeps those of dead supervisors beside it. A descriptor that holds the lock. */
int gb_run_dir_claim(const char *path, struct gb_error *error);
/* relay, or the supervisor when there is no relay any more. */
void gb_run_dir_remove(const char *path);
/* supervisor or relay. Removes a directory with all that is in it; follows no links. */
void gb_remove_tree(int at, const char *name);

#endif
