/*
 * Decoder of requests. Pure: no I/O, no allocation, no global state; any input gives a request or a fault, never undefined
 * behaviour. A decoded request points into the payload it was decoded from, which must outlive it.
 */
#ifndef GLOVEBOX_DECODE_H
#define GLOVEBOX_DECODE_H

#include "supervisor.h"

#define GB_MAX_MOUNTS 1024
#define GB_FRAME_HEADER 4

enum gb_type {
    GB_T_HELLO, GB_T_CREATE, GB_T_START, GB_T_LIMITS, GB_T_USAGE, GB_T_SIGNAL, GB_T_PAUSE,
    GB_T_RESUME, GB_T_KILL, GB_T_CHANGES, GB_T_EXPORT, GB_T_DESTROY, GB_T_PROBE, GB_T_TEMPLATE, GB_T_RETIRE, GB_T_COUNT
};

enum gb_mount_type { GB_M_BIND, GB_M_OVERLAY, GB_M_SCRATCH, GB_M_MASK, GB_M_FILE, GB_M_PROC, GB_M_DEV, GB_M_CGROUP };
enum gb_network { GB_NETWORK_NONE, GB_NETWORK_HOST, GB_NETWORK_POLICY };
enum gb_user { GB_USER_CALLER, GB_USER_ROOT };
enum gb_stdio { GB_STDIO_SOCKET, GB_STDIO_INHERIT, GB_STDIO_NULL };
enum gb_seccomp { GB_SECCOMP_DEFAULT, GB_SECCOMP_OFF };
enum gb_capabilities { GB_CAPABILITIES_FILES, GB_CAPABILITIES_NONE };
enum gb_rlimit { GB_R_NOFILE, GB_R_FSIZE, GB_R_CORE, GB_R_STACK, GB_R_COUNT };
enum gb_feature {
    GB_F_USER, GB_F_PID, GB_F_NET, GB_F_MOUNT, GB_F_UTS, GB_F_IPC, GB_F_CGROUP, GB_F_TIME, GB_F_OVERLAY, GB_F_SECCOMP, GB_F_NETEM
};

struct gb_mount {
    enum gb_mount_type type;
    unsigned mode;
    unsigned read_only, optional; /* 0 or 1 */
    const char *source, *target, *content; /* NULL when absent */
};

struct gb_request {
    enum gb_type type;
    uint64_t id;
    const char *sandbox;
    const char *template;                  /* NULL in a start that executes */
    /* hello */
    uint64_t protocol;
    const char *run_dir, *socket;
    /* create */
    const char *hostname;
    enum gb_network network;
    unsigned forward_count, allow_count, emulate_count; /* the records stay in the payload, see policy.h */
    enum gb_user user;
    enum gb_stdio stdio;
    enum gb_seccomp seccomp;
    unsigned permit_namespaces, permit_rings; /* 0 or 1 */
    enum gb_capabilities capabilities;
    unsigned channel;                     /* 0 or 1 */
    int64_t time_monotonic, time_boottime; /* seconds, 0 when absent */
    uint64_t scratch_size, scratch_inodes; /* GB_UNSET when absent */
    uint64_t rlimits[GB_R_COUNT];         /* GB_UNSET when absent */
    struct gb_limits limits;              /* also of `limits` */
    /* start: the strings stay in the payload, walk it with gb_next_record */
    const char *payload, *payload_end;
    unsigned arg_count, env_count;
    const char *cwd;
    unsigned umask;                       /* 01000 (no valid mask) when absent */
    /* signal, kill, export, probe */
    uint64_t signal;
    const char *cause;
    const char *target, *directory;
    unsigned path_count;
    enum gb_feature feature;
    /* create; last, so that a request without mounts does not touch these pages */
    unsigned mount_count;
    struct gb_mount mounts[GB_MAX_MOUNTS];
};

/* Why a frame cannot be decoded; `record` is its text, shortened, with unprintable bytes as `?`. */
struct gb_fault {
    char record[80];
    char reason[80];
};

struct gb_record {
    const char *key, *value; /* the key is followed by `=`, the value by NUL */
    size_t key_length;
};

/* Length of the payload of the frame that begins at `data`. 1: known and all of it is there; 0: more bytes are needed; -1: fault. */
int gb_frame(const unsigned char *data, size_t available, size_t *length, struct gb_fault *fault);

/* Steps `*cursor` over one record of a payload that ends with NUL; false at the end, or at a record without key or `=`. */
bool gb_next_record(const char **cursor, const char *end, struct gb_record *record);
bool gb_key_is(const struct gb_record *record, const char *key);

/* 0, or -1 with the fault filled in. */
int gb_decode(const char *payload, size_t length, struct gb_request *request, struct gb_fault *fault);

/* Names as they are on the wire. */
const char *gb_feature_name(enum gb_feature feature);

#endif
