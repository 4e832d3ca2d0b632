/* Frames about requests and sandboxes, as docs/protocol.md lists them. */
#include "sandbox.h"
#include "forward.h"
#include "protocol.h"

#include <string.h>
#include <sys/wait.h>

void gb_send_reply(struct gb_supervisor *supervisor, uint64_t id)
{
    gb_out_begin(&supervisor->out, GB_REPLY);
    gb_out_number(&supervisor->out, "id", id);
    gb_out_end(&supervisor->out);
}

void gb_send_error(struct gb_supervisor *supervisor, uint64_t id, const char *code, const struct gb_error *error)
{
    struct gb_out *out = &supervisor->out;
    gb_out_begin(out, GB_ERROR);
    gb_out_number(out, "id", id);
    gb_out_text(out, "code", code);
    gb_out_text(out, "stage", error->stage);
    if (error->number != 0)
        gb_out_number(out, "errno", (uint64_t)error->number);
    if (error->path[0] != '\0')
        gb_out_text(out, "path", error->path);
    gb_out_text(out, "message", error->message[0] != '\0' || error->number == 0 ? error->message : strerror(error->number));
    gb_out_end(out);
}

void gb_put_usage(struct gb_out *out, const struct gb_usage *usage)
{
    gb_out_measure(out, "usage.memory.peak", usage->memory_peak);
    gb_out_measure(out, "usage.memory.current", usage->memory_current);
    gb_out_measure(out, "usage.cpu.user", usage->cpu_user);
    gb_out_measure(out, "usage.cpu.system", usage->cpu_system);
    gb_out_measure(out, "usage.cpu.throttled", usage->cpu_throttled);
    gb_out_measure(out, "usage.cpu.periods", usage->cpu_periods);
    gb_out_measure(out, "usage.cpu.throttledPeriods", usage->cpu_throttled_periods);
    gb_out_measure(out, "usage.pids.peak", usage->pids_peak);
    gb_out_measure(out, "usage.io.readBytes", usage->io_read_bytes);
    gb_out_measure(out, "usage.io.writeBytes", usage->io_write_bytes);
    gb_out_measure(out, "usage.io.reads", usage->io_reads);
    gb_out_measure(out, "usage.io.writes", usage->io_writes);
    gb_out_measure(out, "usage.oomKills", usage->oom_kills);
    gb_out_measure(out, "usage.contextSwitches.voluntary", usage->voluntary_switches);
    gb_out_measure(out, "usage.contextSwitches.involuntary", usage->involuntary_switches);
    gb_out_measure(out, "usage.disk.bytes", usage->disk_bytes);
    gb_out_measure(out, "usage.wall", usage->wall_ms);
}

void gb_send_limit_event(struct gb_supervisor *supervisor, const struct gb_sandbox *sandbox, const char *limit)
{
    struct gb_out *out = &supervisor->out;
    gb_out_begin(out, GB_EVENT);
    gb_out_text(out, "event", "limit");
    gb_out_text(out, "sandbox", sandbox->name);
    gb_out_text(out, "limit", limit);
    gb_out_end(out);
}

void gb_send_network_event(struct gb_supervisor *supervisor, const struct gb_sandbox *sandbox, const struct gb_blocked *blocked)
{
    struct gb_out *out = &supervisor->out;
    gb_out_begin(out, GB_EVENT);
    gb_out_text(out, "event", "network");
    gb_out_text(out, "sandbox", sandbox->name);
    gb_out_text(out, "blocked", blocked->kind == GB_BLOCKED_NAME ? "name" : "unreachable");
    gb_out_text(out, "host", blocked->host);
    if (blocked->port != 0)
        gb_out_number(out, "port", blocked->port);
    gb_out_number(out, "time", blocked->time);
    gb_out_end(out);
}

static const char *cause_name(enum gb_cause cause)
{
    switch (cause) {
    case GB_CAUSE_NONE:
        break;
    case GB_CAUSE_EXIT:
        return "exit";
    case GB_CAUSE_MEMORY:
        return "memory";
    case GB_CAUSE_TIMEOUT:
        return "timeout";
    case GB_CAUSE_KILLED:
        return "killed";
    case GB_CAUSE_EXEC_FAILED:
        return "exec-failed";
    }
    return "init-died";
}

void gb_send_exit_event(struct gb_supervisor *supervisor, const struct gb_sandbox *sandbox, int status, const char *leaks, size_t leaks_length)
{
    struct gb_out *out = &supervisor->out;
    const struct gb_usage *usage = &sandbox->usage;
    gb_out_begin(out, GB_EVENT);
    gb_out_text(out, "event", "exit");
    gb_out_text(out, "sandbox", sandbox->name);
    if (status != -1 && WIFEXITED(status))
        gb_out_number(out, "code", (uint64_t)WEXITSTATUS(status));
    else if (status != -1 && WIFSIGNALED(status))
        gb_out_number(out, "signal", (uint64_t)WTERMSIG(status));
    gb_out_text(out, "cause", cause_name(sandbox->cause));
    if (sandbox->cause == GB_CAUSE_KILLED)
        gb_out_text(out, "cause.detail", sandbox->cause_detail);
    if (sandbox->cause == GB_CAUSE_EXEC_FAILED) {
        gb_out_text(out, "stage", sandbox->exec_error.stage);
        gb_out_number(out, "errno", (uint64_t)sandbox->exec_error.number);
        gb_out_text(out, "path", sandbox->exec_error.path);
    }
    gb_out_number(out, "hit.memory", usage->oom_kills != GB_UNSET ? usage->oom_kills : sandbox->cause == GB_CAUSE_MEMORY);
    gb_out_number(out, "hit.pids", usage->pids_refused != GB_UNSET ? usage->pids_refused : sandbox->pids_said);
    if (sandbox->scratch_full)
        gb_out_number(out, "hit.disk", 1);
    gb_put_usage(out, usage);
    gb_out_records(out, leaks, leaks_length);
    gb_out_end(out);
}
