/* The supervisor's part in a network policy: one forwarder per sandbox that has one, see forward.h. */
#include "compat.h"
#include "forward.h"
#include "init.h"
#include "process.h"
#include "sandbox.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* forwarder. Holds nothing of the supervisor's but its two sockets, has no capability and none of the runner's standard streams. */
static _Noreturn void become(const struct gb_policy *policy, int init, int events)
{
    static const int none[4] = {-1, -1, -1, -1};
    uint64_t rlimits[GB_R_COUNT];
    for (int i = 0; i < GB_R_COUNT; i++)
        rlimits[i] = GB_UNSET;
    const struct gb_worker nobody = {
        .cwd = "/", .umask = 01000, .stdio = none, .rlimits = rlimits, .processes = GB_UNSET};
    struct gb_error error;
    enum { INIT = 3, EVENTS };
    int first = fcntl(init, F_DUPFD_CLOEXEC, 16), second = fcntl(events, F_DUPFD_CLOEXEC, 16), nowhere = open("/dev/null", O_RDWR);
    if (first < 0 || second < 0 || nowhere < 0)
        _exit(1);
    for (int i = 0; i < 3; i++) {
        if (dup2(nowhere, i) < 0)
            _exit(1);
    }
    /* In their places lie the supervisor's own, the control socket among them: whoever went on would take its requests. */
    if (dup3(first, INIT, O_CLOEXEC) < 0 || dup3(second, EVENTS, O_CLOEXEC) < 0)
        _exit(1);
    gb_close_range(EVENTS + 1, ~0u, 0);
    if (gb_confine(&nobody, &error) != 0)
        _exit(1);
    gb_forward(policy, INIT, EVENTS);
}

int gb_forwarder_start(struct gb_sandbox *sandbox, const struct gb_request *request, int *init_end, struct gb_error *error)
{
    *init_end = -1;
    if (request->network != GB_NETWORK_POLICY)
        return 0;
    static struct gb_policy policy; /* large */
    if (gb_policy_read(request, &policy, error) != 0)
        return -1;
    int sockets[2], events[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
        return gb_fail(error, "forwarder", NULL);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, events) != 0) {
        gb_fail(error, "forwarder", NULL);
        close(sockets[0]);
        close(sockets[1]);
        return -1;
    }
    sandbox->watch_connects = gb_policy_has_any_port(&policy);
    sandbox->forwarder = fork();
    if (sandbox->forwarder == 0)
        become(&policy, sockets[1], events[1]);
    if (sandbox->forwarder < 0)
        gb_fail(error, "forwarder", NULL);
    close(sockets[1]);
    close(events[1]);
    *init_end = sockets[0];
    sandbox->network_events = events[0];
    return sandbox->forwarder < 0 ? -1 : 0;
}

static int reap(struct gb_sandbox *sandbox)
{
    int status = 0;
    while (sandbox->forwarder > 0 && waitpid(sandbox->forwarder, &status, 0) < 0 && errno == EINTR)
        ;
    sandbox->forwarder = 0;
    return status;
}

void gb_forwarder_on_event(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox)
{
    struct gb_blocked blocked;
    int unused;
    ssize_t got;
    while (sandbox->network_events >= 0
        && (got = gb_receive_message(sandbox->network_events, &blocked, sizeof blocked, &unused, MSG_DONTWAIT)) != 0) {
        if (got < 0)
            return;
        if (got == (ssize_t)sizeof blocked)
            gb_send_network_event(supervisor, sandbox, &blocked);
    }
    if (sandbox->network_events < 0)
        return;
    /* Its end: well, where the init has ended before. A sandbox whose policy nobody carries out any more cannot go on. */
    int status = reap(sandbox);
    close(sandbox->network_events);
    sandbox->network_events = -1;
    if (status != 0)
        gb_sandbox_kill(sandbox, GB_CAUSE_KILLED, "network");
}

void gb_forwarder_end(struct gb_sandbox *sandbox)
{
    if (sandbox->forwarder > 0) {
        kill(sandbox->forwarder, SIGKILL);
        reap(sandbox);
    }
    if (sandbox->network_events >= 0)
        close(sandbox->network_events);
    sandbox->network_events = -1;
}
