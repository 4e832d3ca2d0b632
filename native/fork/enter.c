/* From a fork of the template to a worker in its sandbox: what the init does for a worker that it starts afresh. */
#include "fork.h"

#include "../connects.h"
#include "../message.h"
#include "../process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <unistd.h>

/* Before anything else, so that all that the worker uses is charged to its sandbox. "0" is the writer itself. */
static int join_cgroups(const int *procs, unsigned count, struct gb_error *error)
{
    for (unsigned i = 0; i < count; i++) {
        if (write(procs[i], "0", 1) != 1)
            return gb_fail(error, "template-join-cgroup", NULL);
        close(procs[i]);
    }
    return 0;
}

static const char *find_cwd(const char *payload, size_t length)
{
    struct gb_record record;
    for (const char *cursor = payload; gb_next_record(&cursor, payload + length, &record);) {
        if (gb_key_is(&record, "cwd"))
            return record.value;
    }
    return "/";
}

/* Closed in what the worker executes, as Node.js does with all that it begins with: who leaves a process behind must not leave its channel
 * open. Descriptor 3 is the template's control socket until the channel takes its place; failures are reported before that. */
static int take_descriptors(const int *stdio, struct gb_error *error)
{
    for (int target = 0; target < 4; target++) {
        if (dup3(stdio[target], target, O_CLOEXEC) < 0)
            return gb_fail(error, "template-descriptors", NULL);
        close(stdio[target]);
    }
    return 0;
}

/* A worker that was forked ahead has no pages of its own to speak of until it is told what to do: the file that it gets may be the last one,
 * or need another kind of worker. Who has no channel finds the null device in its place, which is always readable. */
static void await_work(void)
{
    struct pollfd channel = {.fd = GB_TEMPLATE_FD, .events = POLLIN}; /* whose place it has taken */
    while (poll(&channel, 1, -1) < 0 && errno == EINTR)
        ;
}

int gb_enter(const struct gb_fork_request *request, const int *descriptors, char *payload, struct gb_error *error)
{
    struct gb_worker worker = {
        .umask = request->umask,
        .rlimits = request->rlimits,
        .processes = request->processes,
        .keep_file_capabilities = request->keep_file_capabilities,
        .filter = request->filter,
        .oom_score_adj = request->oom_score_adj[0] != '\0' ? request->oom_score_adj : NULL,
    };
    if (pread(descriptors[GB_FORK_MEMORY_FD], payload, request->length, 0) != (ssize_t)request->length)
        return gb_fail(error, "start-memory", NULL);
    close(descriptors[GB_FORK_MEMORY_FD]);
    worker.cwd = find_cwd(payload, request->length);
    if (join_cgroups(descriptors + GB_FORK_FIXED_FDS, request->descriptors - GB_FORK_FIXED_FDS, error) != 0)
        return -1;
    if (setns(descriptors[GB_FORK_INIT_FD], (int)request->namespaces) != 0)
        return gb_fail(error, "template-setns", NULL);
    close(descriptors[GB_FORK_INIT_FD]);
    if (gb_confine(&worker, error) != 0)
        return -1;
    int connects = request->watch_connects ? gb_watch_connects() : -1;
    if (request->watch_connects && connects < 0)
        return gb_fail(error, "seccomp-connects", NULL);
    gb_pages_leave_recorder();
    if (gb_events_renew() != 0)
        return gb_fail(error, "template-descriptors", NULL);
    if (gb_revive_threads() != 0)
        return gb_fail(error, "template-threads", NULL);
    /* From here on nothing of ours can fail. */
    const struct gb_fork_notice entered = {.kind = GB_FORK_ENTERED, .sandbox = request->sandbox, .pid = getpid()};
    if (gb_send_message(GB_TEMPLATE_FD, &entered, sizeof entered, connects) != 0)
        return gb_fail(error, "template-entered", NULL);
    if (connects >= 0)
        close(connects);
    if (take_descriptors(descriptors + GB_FORK_STDIO_FD, error) != 0)
        return -1;
    await_work();
    gb_pages_populate();
    return 0;
}
