/* From a create request to an init that makes its sandbox. */
#include "sandbox.h"
#include "affinity.h"
#include "compat.h"
#include "init.h"
#include "layers.h"
#include "namespace.h"
#include "process.h"
#include "protocol.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

static const char *const streams[] = {NULL, "stdout", "stderr", "channel"};

/* A connection to core's socket that has said which stream of which sandbox it is. */
static int connect_stream(const struct gb_supervisor *supervisor, const char *sandbox, const char *stream, struct gb_error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(supervisor->socket_path);
    if (length >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return gb_fail(error, "connect", supervisor->socket_path);
    }
    memcpy(address.sun_path, supervisor->socket_path, length + 1);
    int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection < 0)
        return gb_fail(error, "connect", supervisor->socket_path);
    char line[GB_MAX_NAME + 16];
    int line_length = snprintf(line, sizeof line, "%s %s\n", sandbox, stream);
    if (connect(connection, (const struct sockaddr *)&address, sizeof address) != 0
        || send(connection, line, (size_t)line_length, MSG_NOSIGNAL) != line_length) {
        gb_fail(error, "connect", supervisor->socket_path);
        close(connection);
        return -1;
    }
    return connection;
}

static int open_stdio(const struct gb_supervisor *supervisor, const struct gb_request *request, int stdio[4], struct gb_error *error)
{
    for (int i = 0; i < 4; i++) {
        if (i == GB_CHANNEL_FD ? request->channel : request->stdio == GB_STDIO_SOCKET && i > 0)
            stdio[i] = connect_stream(supervisor, request->sandbox, streams[i], error);
        else if (i == GB_CHANNEL_FD)
            continue;
        else if (request->stdio == GB_STDIO_INHERIT)
            stdio[i] = i;
        else if ((stdio[i] = open("/dev/null", O_RDWR | O_CLOEXEC)) < 0)
            gb_fail(error, "descriptors", "/dev/null");
        if (stdio[i] < 0)
            return -1;
    }
    return 0;
}

static int map_and_join(const struct gb_supervisor *supervisor, const struct gb_sandbox *sandbox, enum gb_user user, struct gb_error *error)
{
    struct gb_id_map map = gb_id_map_of_caller();
    map.full = supervisor->privileged;
    if (user == GB_USER_ROOT)
        map.uid_inside = map.gid_inside = 0;
    if (gb_write_id_map(sandbox->init, &map, error) != 0)
        return -1;
    if (!sandbox->joined && supervisor->base->version != 0 && gb_cgroup_join(&sandbox->group, sandbox->init, error) != 0)
        return -1;
    const struct gb_order go = {.kind = GB_ORDER_GO};
    return gb_send_message(sandbox->socket, &go, sizeof go, -1) == 0 ? 0 : gb_fail(error, "init", NULL);
}

static int clone_init(const struct gb_supervisor *supervisor, struct gb_sandbox *sandbox, const struct gb_request *request, struct gb_error *error)
{
    char layers[GB_LAYERS_PATH_SIZE];
    if (gb_layers_make(supervisor, sandbox, layers, error) != 0)
        return -1;
    int pair[2], forwarder;
    if (gb_forwarder_start(sandbox, request, &forwarder, error) != 0)
        return -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        gb_fail(error, "init", NULL);
        if (forwarder >= 0)
            close(forwarder);
        return -1;
    }
    uint64_t flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC
        | (request->network == GB_NETWORK_HOST ? 0 : CLONE_NEWNET);
    sandbox->namespaces = (uint32_t)(flags & ~(uint64_t)CLONE_NEWPID) | CLONE_NEWCGROUP
        | (request->time_monotonic != 0 || request->time_boottime != 0 ? CLONE_NEWTIME : 0);
    sandbox->init = gb_clone(flags, sandbox->group.unified, &sandbox->pidfd);
    sandbox->joined = sandbox->group.unified >= 0 && sandbox->init >= 0;
    if (sandbox->init < 0 && errno == ENOSYS && sandbox->group.unified >= 0)
        sandbox->init = gb_clone(flags, -1, &sandbox->pidfd);
    if (sandbox->init == 0) {
        struct gb_init_plan plan = {
            .request = request,
            .socket = pair[1],
            .forwarder = forwarder,
            .host_proc = supervisor->host_proc,
            .layers = layers,
            .keep_file_capabilities = sandbox->keep_file_capabilities,
            .bare_proc = request->permit_namespaces && !supervisor->privileged,
            .cgroup = supervisor->base->version,
            .oom_score_adj = supervisor->oom_score_adj,
        };
        memcpy(plan.stdio, sandbox->stdio, sizeof plan.stdio);
        gb_init(&plan);
    }
    if (sandbox->init < 0)
        gb_fail(error, "clone", NULL);
    close(pair[1]);
    if (forwarder >= 0)
        close(forwarder);
    sandbox->socket = pair[0];
    return sandbox->init < 0 ? -1 : 0;
}

/* What changes and export need to know of the request later. */
static int remember_overlays(struct gb_sandbox *sandbox, const struct gb_request *request, struct gb_error *error)
{
    for (unsigned i = 0; i < request->mount_count; i++) {
        const struct gb_mount *mount = &request->mounts[i];
        if (mount->type != GB_M_OVERLAY)
            continue;
        if (sandbox->overlay_count == GB_MAX_OVERLAYS)
            return gb_fail_with(error, "mount-overlay", 0, mount->target, "too many overlays");
        unsigned index = sandbox->overlay_count++;
        sandbox->overlays[index].source = strdup(mount->source);
        sandbox->overlays[index].target = strdup(mount->target);
        if (sandbox->overlays[index].source == NULL || sandbox->overlays[index].target == NULL)
            return gb_fail(error, "mount-overlay", mount->target);
    }
    return 0;
}

static void reset(struct gb_sandbox *sandbox, const struct gb_request *request)
{
    memset(sandbox, 0, sizeof *sandbox);
    memset(&sandbox->usage, 0xff, sizeof sandbox->usage); /* GB_UNSET all over */
    sandbox->state = GB_S_MAKING;
    sandbox->request_id = request->id;
    sandbox->limits = request->limits;
    sandbox->filter = gb_filter_of(request);
    gb_figures_find(&sandbox->figures, request);
    memcpy(sandbox->rlimits, request->rlimits, sizeof sandbox->rlimits);
    for (int i = 0; i < 4; i++)
        sandbox->stdio[i] = -1;
    sandbox->network_events = -1;
    sandbox->pidfd = sandbox->socket = sandbox->scratch = sandbox->layers = sandbox->orphan = sandbox->group.events = sandbox->group.unified = -1;
    for (int i = 0; i < GB_C_COUNT; i++)
        sandbox->group.dir[i] = -1;
    memcpy(sandbox->name, request->sandbox, strlen(request->sandbox) + 1); /* the decoder has seen to its length */
}

int gb_sandbox_create(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox, const struct gb_request *request, struct gb_error *error)
{
    reset(sandbox, request);
    sandbox->keep_file_capabilities = supervisor->privileged && request->capabilities == GB_CAPABILITIES_FILES;
    if (supervisor->proc_error.stage != NULL) {
        *error = supervisor->proc_error;
        goto fail;
    }
    if (open_stdio(supervisor, request, sandbox->stdio, error) != 0)
        goto fail;
    bool made = remember_overlays(sandbox, request, error) == 0
        && gb_cgroup_create(&sandbox->group, supervisor->base, sandbox->name, &request->limits, error) == 0
        && clone_init(supervisor, sandbox, request, error) == 0
        && map_and_join(supervisor, sandbox, request->user, error) == 0;
    if (!made)
        goto fail;
    gb_affinity_choose(supervisor, sandbox, request->limits.cpu_quota, request->limits.cpu_period);
    sandbox->sampled = sandbox->group.dir[GB_C_MEMORY] < 0 || sandbox->group.dir[GB_C_PIDS] < 0;
    return 0;
fail:
    if (sandbox->pidfd >= 0) {
        gb_pidfd_send_signal(sandbox->pidfd, SIGKILL);
        waitpid(sandbox->init, NULL, 0);
    }
    gb_sandbox_discard(supervisor, sandbox);
    return -1;
}
