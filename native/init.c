/*
 * PID 1 of a sandbox. First it makes the sandbox, in the order of make_sandbox() below. Then it forks the worker, reaps what the worker
 * leaves to it, and reports the worker's end together with what has outlived it. With its own exit, or its SIGKILL by the supervisor, the
 * kernel kills everything else in the PID namespace.
 */
#include "init.h"
#include "compat.h"
#include "connects.h"
#include "forward.h"
#include "mount.h"
#include "namespace.h"
#include "process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

/* Children that are just ending when the worker ends are no leaks: they get this long. */
#define GRACE_MS 100

static void report(const struct gb_init_plan *plan, const struct gb_report *message, int descriptor)
{
    if (gb_send_message(plan->socket, message, sizeof *message, descriptor) != 0)
        _exit(1); /* the supervisor is gone */
}

/* The next order; ends the sandbox when the supervisor is gone. */
static struct gb_order next_order(const struct gb_init_plan *plan, int *descriptor)
{
    struct gb_order order;
    ssize_t got;
    do
        got = gb_receive_message(plan->socket, &order, sizeof order, descriptor, 0);
    while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof order)
        _exit(1);
    return order;
}

static int resolver = -1; /* of a sandbox without a network policy; with one it is the forwarder's */

/* ---- making the sandbox ---- */

/* Closes what belongs to the supervisor: the control socket and other sandboxes' descriptors, whose end must be seen elsewhere. */
static void keep_own_descriptors(const struct gb_init_plan *plan)
{
    int keep[7] = {plan->socket, plan->host_proc, plan->forwarder};
    memcpy(keep + 3, plan->stdio, sizeof plan->stdio);
    int first = 3;
    for (;;) {
        int next = -1; /* the lowest one to keep, from `first` on */
        for (size_t i = 0; i < sizeof keep / sizeof keep[0]; i++) {
            if (keep[i] >= first && (next < 0 || keep[i] < next))
                next = keep[i];
        }
        if (next != first)
            gb_close_range((unsigned)first, next < 0 ? ~0u : (unsigned)next - 1, 0);
        if (next < 0)
            return;
        first = next + 1;
    }
}

static pid_t pid_on_host(int host_proc)
{
    char text[16];
    ssize_t length = host_proc < 0 ? -1 : readlinkat(host_proc, "self", text, sizeof text - 1);
    if (length <= 0)
        return 0;
    text[length] = '\0';
    close(host_proc);
    return (pid_t)strtol(text, NULL, 10);
}

static int make_sandbox(const struct gb_init_plan *plan, struct gb_scratch *scratch, struct gb_error *error)
{
    const struct gb_request *request = plan->request;
    if (unshare(CLONE_NEWCGROUP) != 0) /* only now: its root is the cgroup that has been joined */
        return gb_fail(error, "unshare-cgroup", NULL);
    if ((request->time_monotonic != 0 || request->time_boottime != 0)
        && gb_enter_time(request->time_monotonic, request->time_boottime, error) != 0)
        return -1;
    if (sethostname(request->hostname, strlen(request->hostname)) != 0)
        return gb_fail(error, "hostname", request->hostname);
    if (request->network != GB_NETWORK_HOST && gb_network_up(error) != 0)
        return -1;
    if (request->network == GB_NETWORK_NONE && (resolver = gb_sockets_resolver(error)) < 0)
        return -1;
    if (request->network == GB_NETWORK_POLICY && gb_sockets_open(request, plan->forwarder, error) != 0)
        return -1;
    return gb_mount_root(request, plan->layers, plan->bare_proc, plan->cgroup, scratch, error);
}

/* ---- the worker ---- */

static pid_t start(const struct gb_init_plan *plan, int memory, const struct gb_order *order, struct gb_error *error)
{
    size_t length = order->argument;
    const char *payload = mmap(NULL, length, PROT_READ, MAP_SHARED | MAP_POPULATE, memory, 0);
    close(memory);
    if (payload == MAP_FAILED)
        return gb_fail(error, "start-memory", NULL);
    const struct gb_request *request = plan->request;
    struct gb_worker worker = {
        .stdio = plan->stdio,
        .rlimits = request->rlimits,
        .processes = order->processes,
        .keep_file_capabilities = plan->keep_file_capabilities,
        .filter = gb_filter_of(request),
        .oom_score_adj = plan->oom_score_adj,
    };
    return gb_read_start(payload, length, &worker, error) == 0 ? gb_spawn(&worker, error) : -1;
}

/* The worker holds these now; its end must be seen at their other ends. */
static void close_stdio(const struct gb_init_plan *plan)
{
    for (int i = 0; i < 4; i++) {
        if (plan->stdio[i] > 3)
            close(plan->stdio[i]);
    }
}

/* Reaps everything that has ended; whether anything is left. */
static bool reap(pid_t worker, int *status, bool *ended)
{
    int one;
    pid_t pid;
    while ((pid = waitpid(-1, &one, WNOHANG)) > 0) {
        if (pid == worker) {
            *status = one;
            *ended = true;
        }
    }
    return pid == 0;
}

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* init's last act. All processes of the namespace descend from the init, so without children there is nothing to look for. */
static _Noreturn void end(const struct gb_init_plan *plan, int status)
{
    struct {
        struct gb_report report;
        char leaks[GB_MAX_LEAK_RECORDS];
    } message;
    message.report = (struct gb_report){.kind = GB_REPORT_ENDED, .status = status};
    size_t leaks = 0;
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    if (resolver >= 0)
        gb_resolver_serve(resolver, plan->socket); /* what was asked last */
    if (plan->forwarder >= 0)
        gb_sockets_drain(plan->forwarder);
    uint64_t deadline = now_ms() + GRACE_MS;
    bool unused;
    while (reap(0, &status, &unused)) {
        uint64_t now = now_ms();
        if (now >= deadline) {
            leaks = gb_census(plan->request->network != GB_NETWORK_HOST, message.leaks, sizeof message.leaks);
            break;
        }
        const struct timespec left = {.tv_nsec = (long)(deadline - now) * 1000000};
        sigtimedwait(&child, NULL, &left);
    }
    gb_send_message(plan->socket, &message, sizeof message.report + leaks, -1);
    _exit(0);
}

static void child_ended(int number)
{
    (void)number; /* only interrupts ppoll */
}

/* A worker of its own inherits the filter from the init. False: that is not possible here. */
static bool watch_connects(const struct gb_init_plan *plan, int *connects, struct gb_error *error)
{
    if (plan->forwarder < 0 || !gb_sockets_any_port())
        return true;
    *connects = gb_watch_connects();
    if (*connects < 0)
        gb_fail(error, "seccomp-connects", NULL);
    return *connects >= 0;
}

/* Carries out one order; the worker's pid, or 0 before there is one. */
static pid_t obey(const struct gb_init_plan *plan, pid_t worker, int *connects)
{
    int descriptor;
    struct gb_order order = next_order(plan, &descriptor);
    struct gb_report answer = {.kind = GB_REPORT_STARTED};
    switch (order.kind) {
    case GB_ORDER_START:
        worker = watch_connects(plan, connects, &answer.error) ? start(plan, descriptor, &order, &answer.error) : -1;
        if (worker < 0) {
            answer.kind = GB_REPORT_EXEC_FAILED;
            report(plan, &answer, -1);
            _exit(1);
        }
        close_stdio(plan);
        answer.pid = worker;
        report(plan, &answer, -1);
        break;
    case GB_ORDER_SIGNAL:
        if (worker > 0)
            kill(worker, (int)order.argument);
        break;
    case GB_ORDER_STOP:
        kill(-1, SIGSTOP);
        break;
    case GB_ORDER_CONTINUE:
        kill(-1, SIGCONT);
        break;
    case GB_ORDER_PROCESSES:
        if (worker > 0)
            gb_limit_processes(worker, order.processes, &answer.error);
        break;
    case GB_ORDER_CONNECTS:
        *connects = descriptor;
        break;
    case GB_ORDER_END:
        end(plan, (int)order.argument);
    case GB_ORDER_GO:
        break;
    }
    return worker;
}

_Noreturn void gb_init(const struct gb_init_plan *plan)
{
    keep_own_descriptors(plan);
    int descriptor;
    next_order(plan, &descriptor); /* go */

    struct gb_report answer = {.kind = GB_REPORT_READY, .pid = pid_on_host(plan->host_proc)};
    struct gb_scratch scratch;
    mode_t mask = umask(0); /* modes of mount points are as they are requested */
    if (make_sandbox(plan, &scratch, &answer.error) != 0) {
        answer.kind = GB_REPORT_FAILED;
        report(plan, &answer, -1);
        _exit(1);
    }
    umask(mask);
    report(plan, &answer, scratch.root);
    close(scratch.root);

    sigset_t blocked, unblocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigprocmask(SIG_BLOCK, &blocked, &unblocked);
    sigdelset(&unblocked, SIGCHLD);
    signal(SIGCHLD, child_ended);

    pid_t worker = 0;
    int status = 0, forwarder = plan->forwarder, connects = -1;
    bool ended = false;
    for (;;) {
        reap(worker, &status, &ended);
        if (ended)
            end(plan, status);
        struct pollfd polls[4] = {{.fd = plan->socket, .events = POLLIN}, {.fd = forwarder, .events = POLLIN},
            {.fd = connects, .events = POLLIN}, {.fd = resolver, .events = POLLIN}};
        if (ppoll(polls, 4, NULL, &unblocked) <= 0)
            continue;
        if (polls[1].revents != 0 && !gb_sockets_serve(forwarder))
            forwarder = -1; /* it has gone; the supervisor sees to it */
        if (polls[2].revents != 0 && !gb_connects_serve(connects, forwarder)) {
            close(connects);
            connects = -1;
        }
        if (polls[3].revents != 0)
            gb_resolver_serve(resolver, plan->socket);
        if (polls[0].revents != 0)
            worker = obey(plan, worker, &connects);
    }
}
