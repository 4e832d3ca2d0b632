/* What each request does: checks that it is the time for it, does it, answers. */
#include "sandbox.h"
#include "init.h"
#include "layers.h"
#include "protocol.h"
#include "template.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef GB_VERSION
#define GB_VERSION "0.1.0"
#endif
#define STRING_OF(x) #x
#define STRING(x) STRING_OF(x)

static void refuse(struct gb_supervisor *supervisor, const struct gb_request *request, const char *code, const char *message)
{
    struct gb_error error;
    gb_fail_with(&error, "request", 0, NULL, message);
    gb_send_error(supervisor, request->id, code, &error);
}

static void answer(struct gb_supervisor *supervisor, const struct gb_request *request, int result, const struct gb_error *error)
{
    if (result == 0)
        gb_send_reply(supervisor, request->id);
    else
        gb_send_error(supervisor, request->id, "system", error);
}

/* ---- hello ---- */

static const char *const controller_names[GB_C_COUNT] = {
    [GB_C_MEMORY] = "memory", [GB_C_CPU] = "cpu", [GB_C_CPUACCT] = "cpuacct", [GB_C_CPUSET] = "cpuset",
    [GB_C_PIDS] = "pids", [GB_C_IO] = "io", [GB_C_HUGETLB] = "hugetlb", [GB_C_FREEZER] = "freezer",
};

static void put_cgroup(struct gb_out *out, const struct gb_cgroup_base *base)
{
    char controllers[128] = "";
    size_t used = 0;
    for (int i = 0; i < GB_C_COUNT; i++) {
        if (base->usable[i])
            used += (size_t)snprintf(controllers + used, sizeof controllers - used, "%s%s", used > 0 ? "," : "", controller_names[i]);
    }
    gb_out_text(out, "cgroup", base->version == 2 ? "v2" : base->version == 1 ? "v1" : "none");
    gb_out_text(out, "controllers", controllers);
    if (base->path[0] != '\0')
        gb_out_text(out, "cgroup.path", base->path);
    if (base->reason[0] != '\0')
        gb_out_text(out, "cgroup.reason", base->reason);
}

static void hello(struct gb_supervisor *supervisor, const struct gb_request *request)
{
    struct gb_error error;
    if (request->protocol != GB_PROTOCOL_VERSION) {
        refuse(supervisor, request, "bad-request", "this supervisor speaks protocol " STRING(GB_PROTOCOL_VERSION));
        return;
    }
    if (supervisor->hello) {
        refuse(supervisor, request, "wrong-state", "hello was said before");
        return;
    }
    if (strlen(request->run_dir) >= GB_PATH_SIZE || strlen(request->socket) >= GB_PATH_SIZE) {
        refuse(supervisor, request, "bad-request", "the path is too long");
        return;
    }
    supervisor->run_dir = gb_run_dir_claim(request->run_dir, &error);
    if (supervisor->run_dir < 0) {
        gb_send_error(supervisor, request->id, "system", &error);
        return;
    }
    strcpy(supervisor->run_path, request->run_dir); /* whoever is left at the end knows it from now on */
    supervisor->layers = gb_layers_detect(supervisor->run_dir);
    strcpy(supervisor->socket_path, request->socket);
    supervisor->hello = true;
    if (supervisor->proc_error.stage != NULL) { /* probes still work, and tell more */
        gb_send_error(supervisor, request->id, "system", &supervisor->proc_error);
        return;
    }
    struct gb_out *out = &supervisor->out;
    gb_out_begin(out, GB_REPLY);
    gb_out_number(out, "id", request->id);
    gb_out_number(out, "protocol", GB_PROTOCOL_VERSION);
    gb_out_text(out, "version", GB_VERSION);
    put_cgroup(out, supervisor->base);
    gb_out_number(out, "uid", getuid());
    gb_out_number(out, "privileged", supervisor->privileged);
    gb_out_text(out, "layers", gb_layers_name(supervisor->layers));
    gb_out_end(out);
}

/* ---- sandboxes ---- */

static void create(struct gb_supervisor *supervisor, const struct gb_request *request)
{
    struct gb_error error;
    if (!supervisor->hello) {
        refuse(supervisor, request, "wrong-state", "hello comes first");
        return;
    }
    if (gb_sandbox_find(supervisor, request->sandbox) != NULL) {
        refuse(supervisor, request, "wrong-state", "a sandbox of this name exists");
        return;
    }
    struct gb_sandbox *sandbox = gb_sandbox_free_slot(supervisor);
    if (sandbox == NULL) {
        refuse(supervisor, request, "wrong-state", "too many sandboxes at once");
        return;
    }
    if (gb_sandbox_create(supervisor, sandbox, request, &error) != 0)
        gb_send_error(supervisor, request->id, "system", &error);
}

static void usage(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox, const struct gb_request *request)
{
    if (sandbox->state != GB_S_ENDED)
        gb_sandbox_look(supervisor, sandbox);
    gb_out_begin(&supervisor->out, GB_REPLY);
    gb_out_number(&supervisor->out, "id", request->id);
    gb_put_usage(&supervisor->out, &sandbox->usage);
    gb_out_end(&supervisor->out);
}

static void changes(struct gb_supervisor *supervisor, const struct gb_sandbox *sandbox, const struct gb_request *request)
{
    struct gb_out *out = &supervisor->out;
    struct gb_error error;
    gb_out_begin(out, GB_REPLY);
    gb_out_number(out, "id", request->id);
    if (gb_list_changes(sandbox, out, &error) == 0) {
        gb_out_end(out);
        return;
    }
    gb_out_cancel(out);
    gb_send_error(supervisor, request->id, "system", &error);
}

static void export(struct gb_supervisor *supervisor, const struct gb_sandbox *sandbox, const struct gb_request *request)
{
    struct gb_error error;
    int exported = gb_export(sandbox, request, &error);
    if (exported < 0) {
        gb_send_error(supervisor, request->id, "system", &error);
        return;
    }
    gb_out_begin(&supervisor->out, GB_REPLY);
    gb_out_number(&supervisor->out, "id", request->id);
    gb_out_number(&supervisor->out, "exported", (uint64_t)exported);
    gb_out_end(&supervisor->out);
}

static void destroy(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox, const struct gb_request *request)
{
    sandbox->destroying = true;
    sandbox->destroy_id = request->id;
    if (sandbox->state == GB_S_ENDED)
        gb_sandbox_release(supervisor, sandbox);
    else
        gb_sandbox_kill(sandbox, GB_CAUSE_KILLED, "destroy");
}

#define IN(state) (1u << (state))
#define ALIVE (IN(GB_S_MAKING) | IN(GB_S_READY) | IN(GB_S_STARTING) | IN(GB_S_RUNNING))
#define MADE (IN(GB_S_READY) | IN(GB_S_STARTING) | IN(GB_S_RUNNING))

/* In which states a request about a sandbox makes sense, and what to say otherwise. */
static const struct {
    unsigned states;
    const char *otherwise;
} times[GB_T_COUNT] = {
    [GB_T_START] = {IN(GB_S_READY), "the sandbox is not ready, or has been started"},
    [GB_T_LIMITS] = {MADE, "the sandbox is not made yet, or has ended"},
    [GB_T_USAGE] = {MADE | IN(GB_S_ENDED), "the sandbox is not made yet"},
    [GB_T_SIGNAL] = {IN(GB_S_RUNNING), "the sandbox does not run"},
    [GB_T_PAUSE] = {IN(GB_S_RUNNING), "the sandbox does not run"},
    [GB_T_RESUME] = {IN(GB_S_RUNNING), "the sandbox does not run"},
    [GB_T_KILL] = {ALIVE, "the sandbox has ended"},
    [GB_T_CHANGES] = {IN(GB_S_ENDED), "the sandbox has not ended"},
    [GB_T_EXPORT] = {IN(GB_S_ENDED), "the sandbox has not ended"},
    [GB_T_DESTROY] = {ALIVE | IN(GB_S_ENDED), ""},
};

static void handle_sandbox_request(struct gb_supervisor *supervisor, const struct gb_request *request)
{
    struct gb_error error;
    struct gb_sandbox *sandbox = gb_sandbox_find(supervisor, request->sandbox);
    if (sandbox == NULL) {
        refuse(supervisor, request, "unknown-sandbox", "there is no sandbox of this name");
        return;
    }
    if (!(times[request->type].states & IN(sandbox->state)) || (sandbox->destroying && request->type != GB_T_USAGE)) {
        refuse(supervisor, request, "wrong-state", sandbox->destroying ? "the sandbox is being destroyed" : times[request->type].otherwise);
        return;
    }
    switch (request->type) {
    case GB_T_START:
        if (gb_sandbox_start(supervisor, sandbox, request, &error) != 0)
            gb_send_error(supervisor, request->id, "system", &error);
        return; /* answered when the init reports */
    case GB_T_LIMITS:
        answer(supervisor, request, gb_sandbox_set_limits(supervisor, sandbox, &request->limits, &error), &error);
        return;
    case GB_T_USAGE:
        usage(supervisor, sandbox, request);
        return;
    case GB_T_SIGNAL:
        if (request->signal < 1 || request->signal >= NSIG)
            refuse(supervisor, request, "bad-request", "no such signal");
        else
            answer(supervisor, request, gb_sandbox_signal(sandbox, (int)request->signal, &error), &error);
        return;
    case GB_T_PAUSE:
    case GB_T_RESUME:
        answer(supervisor, request, gb_sandbox_pause(sandbox, request->type == GB_T_PAUSE, &error), &error);
        return;
    case GB_T_KILL:
        gb_sandbox_kill(sandbox, GB_CAUSE_KILLED, request->cause == NULL ? "" : request->cause);
        gb_send_reply(supervisor, request->id);
        return;
    case GB_T_CHANGES:
        changes(supervisor, sandbox, request);
        return;
    case GB_T_EXPORT:
        export(supervisor, sandbox, request);
        return;
    case GB_T_DESTROY:
        destroy(supervisor, sandbox, request);
        return;
    case GB_T_HELLO:
    case GB_T_CREATE:
    case GB_T_PROBE:
    case GB_T_TEMPLATE:
    case GB_T_RETIRE:
    case GB_T_COUNT:
        return;
    }
}

static void probe(struct gb_supervisor *supervisor, const struct gb_request *request)
{
    struct gb_error error;
    if (gb_probe(supervisor, request->feature, &error) != 0) {
        gb_send_error(supervisor, request->id, "system", &error);
        return;
    }
    gb_out_begin(&supervisor->out, GB_REPLY);
    gb_out_number(&supervisor->out, "id", request->id);
    gb_out_number(&supervisor->out, "ok", 1);
    gb_out_end(&supervisor->out);
}

void gb_handle_request(struct gb_supervisor *supervisor, const struct gb_request *request)
{
    if (request->type == GB_T_HELLO)
        hello(supervisor, request);
    else if (request->type == GB_T_CREATE)
        create(supervisor, request);
    else if (request->type == GB_T_PROBE)
        probe(supervisor, request);
    else if (request->type == GB_T_TEMPLATE)
        gb_template_start(supervisor, request);
    else if (request->type == GB_T_RETIRE)
        gb_template_retire(supervisor, request);
    else
        handle_sandbox_request(supervisor, request);
}
