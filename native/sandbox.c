/* The life of a sandbox after its init was cloned: see enum gb_state. */
#include "sandbox.h"
#include "affinity.h"
#include "compat.h"
#include "forward.h"
#include "init.h"
#include "layers.h"
#include "process.h"
#include "protocol.h"
#include "template.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#define SAMPLE_MS 50
#define FIGURES_MS 250
#define NEAR 2 /* processes */

struct gb_sandbox *gb_sandbox_find(struct gb_supervisor *supervisor, const char *name)
{
    for (unsigned i = 0; i < supervisor->used; i++) {
        struct gb_sandbox *sandbox = &supervisor->sandboxes[i];
        if (sandbox->state != GB_S_FREE && strcmp(sandbox->name, name) == 0)
            return sandbox;
    }
    return NULL;
}

struct gb_sandbox *gb_sandbox_free_slot(struct gb_supervisor *supervisor)
{
    for (unsigned i = 0; i < GB_MAX_SANDBOXES; i++) {
        if (supervisor->sandboxes[i].state == GB_S_FREE) {
            if (i >= supervisor->used)
                supervisor->used = i + 1;
            return &supervisor->sandboxes[i];
        }
    }
    return NULL;
}

/* ---- requests ---- */

uint64_t gb_sandbox_processes(const struct gb_sandbox *sandbox)
{
    bool by_rlimit = sandbox->group.dir[GB_C_PIDS] < 0 && sandbox->limits.pids != GB_UNSET;
    return by_rlimit ? sandbox->limits.pids + 1 : GB_UNSET; /* the init counts */
}

int gb_sandbox_order(struct gb_sandbox *sandbox, int kind, uint32_t argument, int descriptor, struct gb_error *error)
{
    const struct gb_order order = {.kind = (enum gb_order_kind)kind, .argument = argument, .processes = gb_sandbox_processes(sandbox)};
    return gb_send_message(sandbox->socket, &order, sizeof order, descriptor) == 0 ? 0 : gb_fail(error, "init", NULL);
}

static void start_clock(struct gb_sandbox *sandbox, uint64_t timeout_ms)
{
    sandbox->deadline = timeout_ms == 0 || timeout_ms == GB_UNSET ? 0 : gb_now_ms() + timeout_ms;
}

/* Not of a prepared worker, whose limit is yet to come. */
static void tell_soon(struct gb_sandbox *sandbox)
{
    if (sandbox->figures.shown && sandbox->started != 0 && sandbox->limits.memory != GB_UNSET && sandbox->group.dir[GB_C_MEMORY] >= 0)
        sandbox->next_figures = gb_now_ms();
}

int gb_sandbox_start(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox, const struct gb_request *request, struct gb_error *error)
{
    size_t length = (size_t)(request->payload_end - request->payload);
    int memory = -1, result;
    if (request->template != NULL) {
        result = gb_template_fork(supervisor, sandbox, request, error);
    } else {
        memory = gb_memory_file(request->payload, length, error);
        result = memory < 0 ? -1 : gb_sandbox_order(sandbox, GB_ORDER_START, (uint32_t)length, memory, error);
    }
    if (memory >= 0)
        close(memory);
    if (result != 0)
        return -1;
    gb_sandbox_close_stdio(sandbox);
    sandbox->state = GB_S_STARTING;
    sandbox->request_id = request->id;
    sandbox->started = gb_now_ms();
    if (sandbox->deadline == 0 && !sandbox->clock_set)
        start_clock(sandbox, sandbox->limits.timeout_ms);
    if (sandbox->sampled)
        sandbox->next_sample = sandbox->started + SAMPLE_MS;
    tell_soon(sandbox);
    return 0;
}

/* A forked worker is the template's child, so that its signals are the supervisor's to send; another one is the init's. */
int gb_sandbox_signal(struct gb_sandbox *sandbox, int number, struct gb_error *error)
{
    if (sandbox->worker == 0)
        return gb_sandbox_order(sandbox, GB_ORDER_SIGNAL, (uint32_t)number, -1, error);
    return kill(sandbox->worker, number) == 0 ? 0 : gb_fail(error, "signal", NULL);
}

/* A prepared worker was started under the limit of files in general. */
static int limit_processes(struct gb_sandbox *sandbox, struct gb_error *error)
{
    uint64_t processes = gb_sandbox_processes(sandbox);
    if (processes == GB_UNSET || (sandbox->state != GB_S_STARTING && sandbox->state != GB_S_RUNNING))
        return 0;
    return sandbox->worker == 0 ? gb_sandbox_order(sandbox, GB_ORDER_PROCESSES, 0, -1, error)
                                : gb_limit_processes(sandbox->worker, processes, error);
}

int gb_sandbox_set_limits(const struct gb_supervisor *supervisor, struct gb_sandbox *sandbox, const struct gb_limits *limits, struct gb_error *error)
{
    if (gb_cgroup_limit(&sandbox->group, limits, error) != 0)
        return -1;
    if (limits->memory != GB_UNSET)
        sandbox->limits.memory = limits->memory;
    tell_soon(sandbox);
    gb_affinity_choose(supervisor, sandbox, limits->cpu_quota, limits->cpu_period);
    if (limits->pids != GB_UNSET)
        sandbox->limits.pids = limits->pids;
    if (limits->pids != GB_UNSET && limit_processes(sandbox, error) != 0)
        return -1;
    if (limits->timeout_ms != GB_UNSET) {
        sandbox->clock_set = true;
        start_clock(sandbox, limits->timeout_ms);
    }
    return 0;
}

int gb_sandbox_pause(struct gb_sandbox *sandbox, bool pause, struct gb_error *error)
{
    int result = sandbox->group.dir[GB_C_FREEZER] >= 0
        ? gb_cgroup_freeze(&sandbox->group, pause, error)
        : gb_sandbox_order(sandbox, pause ? GB_ORDER_STOP : GB_ORDER_CONTINUE, 0, -1, error);
    if (result == 0)
        sandbox->paused = pause;
    return result;
}

void gb_sandbox_kill(struct gb_sandbox *sandbox, enum gb_cause cause, const char *detail)
{
    if (sandbox->cause == GB_CAUSE_NONE) {
        sandbox->cause = cause;
        strncpy(sandbox->cause_detail, detail, sizeof sandbox->cause_detail - 1);
    }
    if (sandbox->paused) /* v1: the frozen do not die */
        gb_cgroup_kill(&sandbox->group);
    gb_pidfd_send_signal(sandbox->pidfd, SIGKILL);
}

static void measure(struct gb_sandbox *sandbox)
{
    struct gb_usage *usage = &sandbox->usage;
    gb_cgroup_usage(&sandbox->group, usage);
    struct statvfs disk;
    if (sandbox->scratch >= 0 && fstatvfs(sandbox->scratch, &disk) == 0) {
        usage->disk_bytes = (uint64_t)(disk.f_blocks - disk.f_bfree) * disk.f_frsize;
        sandbox->scratch_full = (disk.f_blocks > 0 && disk.f_bfree == 0) || (disk.f_files > 0 && disk.f_ffree == 0);
    }
    if (sandbox->started != 0)
        usage->wall_ms = gb_now_ms() - sandbox->started;
}

/* ---- limits ---- */

/* An OOM kill ends the sandbox: nothing passes of which the kernel has killed a part. A refused fork does not. */
static void check_hits(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox)
{
    const struct gb_usage *usage = &sandbox->usage;
    if (usage->oom_kills != GB_UNSET && usage->oom_kills > 0 && !sandbox->memory_said) {
        sandbox->memory_said = true;
        gb_send_limit_event(supervisor, sandbox, "memory");
    }
    if (usage->pids_refused != GB_UNSET && usage->pids_refused > 0 && !sandbox->pids_said) {
        sandbox->pids_said = true;
        gb_send_limit_event(supervisor, sandbox, "pids");
    }
}

void gb_sandbox_on_limit_event(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox)
{
    gb_cgroup_usage(&sandbox->group, &sandbox->usage);
    check_hits(supervisor, sandbox);
    if (sandbox->memory_said && sandbox->cause == GB_CAUSE_NONE)
        gb_sandbox_kill(sandbox, GB_CAUSE_MEMORY, "");
}

static void raise_peak(uint64_t *peak, uint64_t value)
{
    if (*peak == GB_UNSET || *peak < value)
        *peak = value;
}

/* Without a cgroup. RLIMIT_NPROC refuses without a trace, and whoever was refused has often ended before the next look: as many
 * processes as there may be, or nearly so, count as the limit that was hit. More of them: the user is root, to whom that limit does
 * not apply, so the sandbox ends. */
static void sample(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox)
{
    uint64_t memory, pids;
    struct gb_error error;
    if (gb_sample(sandbox->init, sandbox->scratch, sandbox->limits.memory, &memory, &pids, &error) != 0)
        return;
    if (sandbox->group.dir[GB_C_MEMORY] < 0) {
        raise_peak(&sandbox->usage.memory_peak, memory);
        gb_figures_tell(&sandbox->figures, sandbox->scratch, sandbox->limits.memory, memory);
        if (memory > sandbox->limits.memory) {
            sandbox->memory_said = true;
            gb_send_limit_event(supervisor, sandbox, "memory");
            gb_sandbox_kill(sandbox, GB_CAUSE_MEMORY, "");
        }
    }
    if (sandbox->group.dir[GB_C_PIDS] < 0) {
        raise_peak(&sandbox->usage.pids_peak, pids);
        if (pids + NEAR >= sandbox->limits.pids && !sandbox->pids_said) {
            sandbox->pids_said = true;
            gb_send_limit_event(supervisor, sandbox, "pids");
        }
        if (pids > sandbox->limits.pids)
            gb_sandbox_kill(sandbox, GB_CAUSE_KILLED, "pids");
    }
}

void gb_sandbox_look(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox)
{
    measure(sandbox);
    if (sandbox->sampled && sandbox->cause == GB_CAUSE_NONE)
        sample(supervisor, sandbox);
}

/* 0: never */
static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a == 0 ? b : b == 0 ? a : a < b ? a : b;
}

uint64_t gb_sandbox_next_time(const struct gb_sandbox *sandbox)
{
    if (sandbox->cause != GB_CAUSE_NONE)
        return 0;
    return earlier(sandbox->deadline, earlier(sandbox->next_sample, sandbox->next_figures));
}

void gb_sandbox_on_time(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox, uint64_t now)
{
    if (sandbox->state == GB_S_FREE || sandbox->state == GB_S_ENDED || sandbox->cause != GB_CAUSE_NONE)
        return;
    if (sandbox->deadline != 0 && sandbox->deadline <= now) {
        gb_send_limit_event(supervisor, sandbox, "timeout");
        gb_sandbox_kill(sandbox, GB_CAUSE_TIMEOUT, "");
        return;
    }
    if (sandbox->next_figures != 0 && sandbox->next_figures <= now) {
        sandbox->next_figures = now + FIGURES_MS;
        gb_figures_tell(&sandbox->figures, sandbox->scratch, sandbox->limits.memory, gb_cgroup_memory(&sandbox->group));
    }
    if (sandbox->next_sample != 0 && sandbox->next_sample <= now) {
        sandbox->next_sample = now + SAMPLE_MS;
        sample(supervisor, sandbox);
    }
}

/* ---- reports of the init ---- */

static void answer_with_pid(struct gb_supervisor *supervisor, const struct gb_sandbox *sandbox, pid_t pid)
{
    struct gb_out *out = &supervisor->out;
    gb_out_begin(out, "reply");
    gb_out_number(out, "id", sandbox->request_id);
    if (pid > 0)
        gb_out_number(out, "pid", (uint64_t)pid);
    gb_out_end(out);
}

void gb_sandbox_on_started(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox, pid_t pid)
{
    sandbox->state = GB_S_RUNNING;
    gb_affinity_apply(sandbox);
    answer_with_pid(supervisor, sandbox, pid);
}

static void take_report(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox, const struct gb_report *report, int descriptor)
{
    switch (report->kind) {
    case GB_REPORT_READY:
        sandbox->scratch = descriptor;
        sandbox->state = GB_S_READY;
        answer_with_pid(supervisor, sandbox, report->pid);
        return;
    case GB_REPORT_STARTED:
        gb_sandbox_on_started(supervisor, sandbox, report->pid);
        return;
    case GB_REPORT_EXEC_FAILED:
        sandbox->state = GB_S_RUNNING; /* the init is about to end: the exit event follows the error */
        gb_send_error(supervisor, sandbox->request_id, "system", &report->error);
        /* fall through */
    case GB_REPORT_FAILED:
        sandbox->exec_error = report->error;
        if (sandbox->cause == GB_CAUSE_NONE)
            sandbox->cause = GB_CAUSE_EXEC_FAILED;
        return;
    case GB_REPORT_REFUSED: {
        struct gb_blocked blocked = {.kind = GB_BLOCKED_NAME, .time = report->time};
        memcpy(blocked.host, report->name, sizeof blocked.host);
        gb_send_network_event(supervisor, sandbox, &blocked);
        return;
    }
    case GB_REPORT_ENDED:
        return;
    }
}

/* One report, or the announcement of the last one, which stays in the socket until the init has ended: its leaks go into the exit event. */
void gb_sandbox_on_report(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox)
{
    struct gb_report report;
    int descriptor;
    if (recv(sandbox->socket, &report, sizeof report, MSG_PEEK | MSG_DONTWAIT) == (ssize_t)sizeof report && report.kind == GB_REPORT_ENDED) {
        if (sandbox->cause == GB_CAUSE_NONE)
            sandbox->cause = GB_CAUSE_EXIT;
        return;
    }
    ssize_t got = gb_receive_message(sandbox->socket, &report, sizeof report, &descriptor, MSG_DONTWAIT);
    if (got == (ssize_t)sizeof report)
        take_report(supervisor, sandbox, &report, descriptor);
    else if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        close(sandbox->socket); /* the init is ending; its pidfd tells */
        sandbox->socket = -1;
    }
}

/* ---- the end ---- */

static uint64_t microseconds(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

/* What the init has waited for, and the worker that the template has. */
static void add_rusage(struct gb_usage *usage, const struct rusage *all, const struct gb_fork_notice *forked)
{
    usage->voluntary_switches = (uint64_t)all->ru_nvcsw + forked->voluntary_switches;
    usage->involuntary_switches = (uint64_t)all->ru_nivcsw + forked->involuntary_switches;
    if (usage->cpu_user == GB_UNSET)
        usage->cpu_user = microseconds(all->ru_utime) + forked->cpu_user;
    if (usage->cpu_system == GB_UNSET)
        usage->cpu_system = microseconds(all->ru_stime) + forked->cpu_system;
}

void gb_sandbox_close_stdio(struct gb_sandbox *sandbox)
{
    for (int i = 0; i < 4; i++) {
        if (sandbox->stdio[i] > GB_CONTROL_FD) /* not the runner's own 0..2 */
            close(sandbox->stdio[i]);
        sandbox->stdio[i] = -1;
    }
}

void gb_sandbox_discard(const struct gb_supervisor *supervisor, struct gb_sandbox *sandbox)
{
    struct gb_error ignored;
    gb_sandbox_close_stdio(sandbox);
    gb_forwarder_end(sandbox);
    for (unsigned i = 0; i < sandbox->overlay_count; i++) {
        free(sandbox->overlays[i].source);
        free(sandbox->overlays[i].target);
    }
    const int descriptors[] = {sandbox->pidfd, sandbox->socket, sandbox->scratch, sandbox->orphan};
    for (size_t i = 0; i < sizeof descriptors / sizeof descriptors[0]; i++) {
        if (descriptors[i] >= 0)
            close(descriptors[i]);
    }
    gb_layers_remove(supervisor, sandbox);
    if (sandbox->group.base != NULL) /* else it got not so far */
        gb_cgroup_remove(&sandbox->group, &ignored);
    sandbox->state = GB_S_FREE;
}

void gb_sandbox_release(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox)
{
    bool answer = sandbox->destroying;
    uint64_t id = sandbox->destroy_id;
    gb_sandbox_discard(supervisor, sandbox);
    while (supervisor->used > 0 && supervisor->sandboxes[supervisor->used - 1].state == GB_S_FREE)
        supervisor->used--;
    if (answer)
        gb_send_reply(supervisor, id);
}

/* The sandbox that could not be made: the create request learns why. */
static void answer_unmade(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox)
{
    struct gb_error error = sandbox->exec_error;
    if (sandbox->cause == GB_CAUSE_KILLED)
        gb_fail_with(&error, "killed", 0, NULL, "the sandbox was destroyed before it was made");
    else if (sandbox->cause != GB_CAUSE_EXEC_FAILED)
        gb_fail_with(&error, "init", 0, NULL, "the init died before the sandbox was made");
    gb_send_error(supervisor, sandbox->request_id, "system", &error);
}

void gb_sandbox_on_init_end(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox)
{
    static struct {
        struct gb_report report;
        char leaks[GB_MAX_LEAK_RECORDS];
    } last;
    struct rusage all;
    int ignored, descriptor, status = -1;
    size_t leaks = 0;
    bool told = false;
    if (wait4(sandbox->init, &ignored, WNOHANG, &all) != sandbox->init)
        return;
    ssize_t got;
    while (sandbox->socket >= 0 && (got = gb_receive_message(sandbox->socket, &last, sizeof last, &descriptor, MSG_DONTWAIT)) > 0) {
        if (last.report.kind == GB_REPORT_ENDED) {
            status = last.report.status;
            leaks = (size_t)got - sizeof last.report;
            told = true;
        } else {
            take_report(supervisor, sandbox, &last.report, descriptor);
        }
    }
    /* What was announced may not have arrived: how the worker ended is not known then, and nothing may pass. */
    if (told && sandbox->cause == GB_CAUSE_NONE)
        sandbox->cause = GB_CAUSE_EXIT;
    else if (!told && sandbox->cause == GB_CAUSE_EXIT)
        sandbox->cause = GB_CAUSE_NONE;
    if (sandbox->state == GB_S_MAKING) {
        answer_unmade(supervisor, sandbox);
        gb_sandbox_release(supervisor, sandbox);
        return;
    }
    if (sandbox->state == GB_S_STARTING) {
        struct gb_error error;
        gb_fail_with(&error, "init", 0, NULL, "the sandbox was killed before its command was executed");
        gb_send_error(supervisor, sandbox->request_id, "system", &error);
    }
    gb_sandbox_close_stdio(sandbox);
    gb_forwarder_on_event(supervisor, sandbox); /* what it told of before the end */
    gb_forwarder_end(sandbox);
    measure(sandbox);
    add_rusage(&sandbox->usage, &all, &sandbox->fork_usage);
    check_hits(supervisor, sandbox);
    /* The notification of an OOM kill and the death that it caused race. */
    if (sandbox->memory_said && (sandbox->cause == GB_CAUSE_EXIT || sandbox->cause == GB_CAUSE_NONE))
        sandbox->cause = GB_CAUSE_MEMORY;
    gb_send_exit_event(supervisor, sandbox, status, last.leaks, leaks);
    sandbox->state = GB_S_ENDED;
    if (sandbox->destroying)
        gb_sandbox_release(supervisor, sandbox);
}
