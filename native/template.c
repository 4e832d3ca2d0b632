#include "template.h"
#include "compat.h"
#include "fork/wire.h"
#include "init.h"
#include "process.h"
#include "protocol.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

static struct gb_template *find(struct gb_supervisor *supervisor, const char *name)
{
    for (unsigned i = 0; i < GB_MAX_TEMPLATES; i++) {
        if (supervisor->templates[i].pid > 0 && strcmp(supervisor->templates[i].name, name) == 0)
            return &supervisor->templates[i];
    }
    return NULL;
}

static void refuse(struct gb_supervisor *supervisor, uint64_t id, const char *code, const char *message)
{
    struct gb_error error;
    gb_fail_with(&error, "template", 0, NULL, message);
    gb_send_error(supervisor, id, code, &error);
}

/* ---- their life ---- */

static pid_t execute(const struct gb_supervisor *supervisor, const struct gb_request *request, int socket, struct gb_error *error)
{
    const int stdio[4] = {open("/dev/null", O_RDWR | O_CLOEXEC), STDERR_FILENO, STDERR_FILENO, socket};
    struct gb_worker worker = {
        .stdio = stdio,
        .oom_score_adj = supervisor->oom_score_adj,
        .is_template = true,
    };
    size_t length = (size_t)(request->payload_end - request->payload);
    pid_t pid = -1;
    if (stdio[0] < 0)
        gb_fail(error, "template-descriptors", "/dev/null");
    else if (gb_read_start(request->payload, length, &worker, error) == 0)
        pid = gb_spawn(&worker, error);
    gb_free_start(&worker);
    close(stdio[0]);
    return pid;
}

void gb_template_start(struct gb_supervisor *supervisor, const struct gb_request *request)
{
    struct gb_template *template = NULL;
    for (unsigned i = 0; i < GB_MAX_TEMPLATES && template == NULL; i++) {
        if (supervisor->templates[i].pid == 0)
            template = &supervisor->templates[i];
    }
    if (!supervisor->hello || template == NULL || find(supervisor, request->template) != NULL) {
        refuse(supervisor, request->id, "wrong-state",
            !supervisor->hello ? "hello comes first" : template == NULL ? "too many templates" : "a template of this name exists");
        return;
    }
    struct gb_error error;
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        gb_fail(&error, "template", NULL);
        gb_send_error(supervisor, request->id, "system", &error);
        return;
    }
    pid_t pid = execute(supervisor, request, pair[1], &error);
    close(pair[1]);
    int pidfd = pid < 0 ? -1 : (int)syscall(SYS_pidfd_open, pid, 0);
    if (pidfd < 0) {
        if (pid > 0) {
            gb_fail(&error, "template", NULL);
            kill(pid, SIGKILL);
            waitpid(pid, NULL, 0);
        }
        close(pair[0]);
        gb_send_error(supervisor, request->id, "system", &error);
        return;
    }
    *template = (struct gb_template){.pid = pid, .pidfd = pidfd, .socket = pair[0], .request_id = request->id};
    memcpy(template->name, request->template, strlen(request->template) + 1); /* the decoder has seen to its length */
}

void gb_template_retire(struct gb_supervisor *supervisor, const struct gb_request *request)
{
    struct gb_template *template = find(supervisor, request->template);
    if (template == NULL) {
        refuse(supervisor, request->id, "wrong-state", "there is no template of this name");
        return;
    }
    gb_pidfd_send_signal(template->pidfd, SIGKILL);
    gb_send_reply(supervisor, request->id);
}

/* ---- forks ---- */

/* One cgroup.procs file per hierarchy, so that the child can join before it does anything else. */
static int open_cgroups(const struct gb_sandbox *sandbox, int *files, unsigned *count, struct gb_error *error)
{
    for (int i = 0; i < GB_C_COUNT; i++) {
        int dir = sandbox->group.dir[i];
        if (dir < 0 || (sandbox->group.unified >= 0 && *count > 0))
            continue; /* v2: one directory for all */
        int file = openat(dir, "cgroup.procs", O_WRONLY | O_CLOEXEC);
        if (file < 0)
            return gb_fail(error, "template-join-cgroup", "cgroup.procs");
        files[(*count)++] = file;
    }
    return 0;
}

static int send_request(const struct gb_template *template, const struct gb_fork_request *request, const int *descriptors, struct gb_error *error)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(GB_FORK_MAX_FDS * sizeof(int))];
    } control = {.room = {0}};
    struct iovec part = {.iov_base = (void *)(uintptr_t)request, .iov_len = sizeof *request};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room,
        .msg_controllen = CMSG_SPACE(request->descriptors * sizeof(int))};
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(request->descriptors * sizeof(int));
    memcpy(CMSG_DATA(&control.header), descriptors, request->descriptors * sizeof(int));
    ssize_t sent = sendmsg(template->socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent == (ssize_t)sizeof *request ? 0 : gb_fail(error, "template-request", NULL);
}

int gb_template_fork(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox, const struct gb_request *request, struct gb_error *error)
{
    struct gb_template *template = find(supervisor, request->template);
    if (template == NULL || !template->ready)
        return gb_fail_with(error, "template", 0, NULL, template == NULL ? "the template died" : "the template is not warm yet");
    size_t length = (size_t)(request->payload_end - request->payload);
    int descriptors[GB_FORK_MAX_FDS] = {sandbox->pidfd};
    memcpy(descriptors + 1, sandbox->stdio, sizeof sandbox->stdio);
    int *memory = &descriptors[GB_FORK_MEMORY_FD];
    unsigned cgroups = 0;
    *memory = gb_memory_file(request->payload, length, error);
    if (*memory < 0)
        return -1;
    struct gb_fork_request fork = {
        .sandbox = (uint32_t)(sandbox - supervisor->sandboxes),
        .length = (uint32_t)length,
        .namespaces = sandbox->namespaces,
        .umask = request->umask,
        .processes = gb_sandbox_processes(sandbox),
        .keep_file_capabilities = sandbox->keep_file_capabilities,
        .filter = sandbox->filter,
        .watch_connects = sandbox->watch_connects,
    };
    memcpy(fork.rlimits, sandbox->rlimits, sizeof fork.rlimits);
    if (supervisor->oom_score_adj != NULL)
        snprintf(fork.oom_score_adj, sizeof fork.oom_score_adj, "%s", supervisor->oom_score_adj);
    int result = open_cgroups(sandbox, descriptors + GB_FORK_FIXED_FDS, &cgroups, error);
    fork.descriptors = GB_FORK_FIXED_FDS + cgroups;
    if (result == 0)
        result = send_request(template, &fork, descriptors, error);
    for (unsigned i = 0; i < 1 + cgroups; i++)
        close(descriptors[GB_FORK_MEMORY_FD + i]);
    if (result == 0)
        sandbox->template = template;
    sandbox->entered = 0;
    return result;
}

/* ---- notices ---- */

static void fail_fork(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox, const char *stage, int number, const char *message)
{
    strncpy(sandbox->fork_stage, stage, sizeof sandbox->fork_stage - 1);
    gb_fail_with(&sandbox->exec_error, sandbox->fork_stage, number, NULL, message);
    if (sandbox->state == GB_S_STARTING)
        gb_send_error(supervisor, sandbox->request_id, "system", &sandbox->exec_error);
    sandbox->state = GB_S_RUNNING; /* about to end: the exit event follows the error */
    gb_sandbox_kill(sandbox, GB_CAUSE_EXEC_FAILED, "");
}

/* The init takes its census and ends, as it does when a worker of its own has ended. */
static void end_worker(struct gb_sandbox *sandbox, int status)
{
    struct gb_error ignored;
    sandbox->worker = 0;
    gb_sandbox_order(sandbox, GB_ORDER_END, (uint32_t)status, -1, &ignored);
}

static bool is_forking(const struct gb_sandbox *sandbox, const struct gb_template *template)
{
    return sandbox->template == template && (sandbox->state == GB_S_STARTING || sandbox->state == GB_S_RUNNING);
}

static void take_exit(struct gb_supervisor *supervisor, struct gb_template *template, const struct gb_fork_notice *notice)
{
    for (unsigned i = 0; i < supervisor->used; i++) {
        struct gb_sandbox *sandbox = &supervisor->sandboxes[i];
        if (!is_forking(sandbox, template) || sandbox->worker != notice->pid)
            continue;
        sandbox->fork_usage = *notice;
        if (sandbox->state == GB_S_STARTING && sandbox->cause == GB_CAUSE_NONE)
            fail_fork(supervisor, sandbox, "template-worker", 0, "the forked process ended before it had entered the sandbox");
        end_worker(sandbox, notice->status);
        return;
    }
}

/* The init hears of its connects from now on. */
static void hand_over_connects(struct gb_sandbox *sandbox, int connects)
{
    struct gb_error ignored; /* the init has ended, as its end tells */
    if (connects >= 0)
        gb_sandbox_order(sandbox, GB_ORDER_CONNECTS, 0, connects, &ignored);
}

/* `descriptor` came with it, or is -1. */
static void take_notice(struct gb_supervisor *supervisor, struct gb_template *template, const struct gb_fork_notice *notice, int descriptor)
{
    struct gb_sandbox *sandbox = notice->sandbox < supervisor->used ? &supervisor->sandboxes[notice->sandbox] : NULL;
    if (sandbox != NULL && !is_forking(sandbox, template))
        sandbox = NULL; /* killed meanwhile */
    switch (notice->kind) {
    case GB_FORK_READY:
        template->ready = true;
        gb_send_reply(supervisor, template->request_id);
        return;
    case GB_FORK_FORKED:
        if (sandbox == NULL)
            return;
        sandbox->worker = notice->pid;
        if (sandbox->entered > 0 && sandbox->state == GB_S_STARTING)
            gb_sandbox_on_started(supervisor, sandbox, sandbox->entered);
        return;
    case GB_FORK_ENTERED:
        if (sandbox == NULL)
            return;
        hand_over_connects(sandbox, descriptor);
        /* Until it is known by which pid it can be waited for it has not started: the template may have died before it could tell. */
        if (sandbox->worker > 0)
            gb_sandbox_on_started(supervisor, sandbox, notice->pid);
        else
            sandbox->entered = notice->pid;
        return;
    case GB_FORK_FAILED:
        if (sandbox != NULL)
            fail_fork(supervisor, sandbox, notice->stage, notice->number, NULL);
        return;
    case GB_FORK_EXITED:
        take_exit(supervisor, template, notice);
        return;
    }
}

/* What recvmsg() returned. */
static ssize_t receive_notice(struct gb_supervisor *supervisor, struct gb_template *template)
{
    struct gb_fork_notice notice;
    int descriptor;
    ssize_t got = gb_receive_message(template->socket, &notice, sizeof notice, &descriptor, MSG_DONTWAIT);
    if (got == (ssize_t)sizeof notice)
        take_notice(supervisor, template, &notice, descriptor);
    if (descriptor >= 0)
        close(descriptor);
    return got;
}

void gb_template_on_notice(struct gb_supervisor *supervisor, struct gb_template *template)
{
    ssize_t got = receive_notice(supervisor, template);
    if (got == (ssize_t)sizeof(struct gb_fork_notice) || (got < 0 && (errno == EAGAIN || errno == EINTR)))
        return;
    close(template->socket); /* its pidfd tells the rest */
    template->socket = -1;
    gb_pidfd_send_signal(template->pidfd, SIGKILL);
}

/* Its workers are the supervisor's children now. Those that had not entered their sandbox are lost. */
static void adopt_workers(struct gb_supervisor *supervisor, const struct gb_template *template)
{
    for (unsigned i = 0; i < supervisor->used; i++) {
        struct gb_sandbox *sandbox = &supervisor->sandboxes[i];
        if (!is_forking(sandbox, template))
            continue;
        sandbox->template = NULL;
        if (sandbox->worker > 0)
            sandbox->orphan = (int)syscall(SYS_pidfd_open, sandbox->worker, 0);
        if (sandbox->state == GB_S_STARTING || sandbox->orphan < 0)
            fail_fork(supervisor, sandbox, "template-died", 0, "the template died while it forked this worker");
    }
}

void gb_template_on_end(struct gb_supervisor *supervisor, struct gb_template *template)
{
    int status = 0;
    if (waitpid(template->pid, &status, WNOHANG) != template->pid)
        return;
    while (template->socket >= 0 && receive_notice(supervisor, template) == (ssize_t)sizeof(struct gb_fork_notice))
        ;
    struct gb_out *out = &supervisor->out;
    if (template->ready) {
        gb_out_begin(out, GB_EVENT);
        gb_out_text(out, "event", "template");
        gb_out_text(out, "template", template->name);
        if (WIFEXITED(status))
            gb_out_number(out, "code", (uint64_t)WEXITSTATUS(status));
        else
            gb_out_number(out, "signal", (uint64_t)WTERMSIG(status));
        gb_out_end(out);
    } else {
        char message[96];
        snprintf(message, sizeof message, WIFEXITED(status) ? "it exited with code %d before it was warm" : "it was killed by signal %d before it was warm",
            WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
        refuse(supervisor, template->request_id, "system", message);
    }
    adopt_workers(supervisor, template); /* after the event: who is told that a worker was lost already knows why */
    close(template->pidfd);
    if (template->socket >= 0)
        close(template->socket);
    *template = (struct gb_template){.pid = 0};
    gb_end_strays(supervisor);
}

void gb_template_on_orphan_end(struct gb_sandbox *sandbox)
{
    int status = 0;
    if (waitpid(sandbox->worker, &status, WNOHANG) != sandbox->worker)
        return;
    close(sandbox->orphan);
    sandbox->orphan = -1;
    end_worker(sandbox, status);
}
