/* The supervisor's one loop: requests, reports and ends of inits, limit notifications, clocks. */
#include "sandbox.h"
#include "protocol.h"
#include "template.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static unsigned char input[GB_FRAME_HEADER + GB_MAX_REQUEST];
static size_t input_length;
static struct gb_request request; /* large, and its pages are touched again by each request */

uint64_t gb_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* After input that cannot be decoded nothing in the stream can be trusted. */
static void refuse_input(struct gb_supervisor *supervisor, const struct gb_fault *fault)
{
    char message[200];
    snprintf(message, sizeof message, "record `%s`: %s", fault->record, fault->reason);
    struct gb_error error;
    gb_fail_with(&error, "decode", 0, NULL, message);
    gb_send_error(supervisor, 0, "bad-request", &error);
    supervisor->stop = supervisor->broken = true;
}

static void handle_input(struct gb_supervisor *supervisor)
{
    struct gb_fault fault;
    size_t at = 0, length;
    int framed = 0;
    while (!supervisor->stop && (framed = gb_frame(input + at, input_length - at, &length, &fault)) > 0) {
        const char *payload = (const char *)input + at + GB_FRAME_HEADER;
        if (gb_decode(payload, length, &request, &fault) != 0) {
            framed = -1;
            break;
        }
        gb_handle_request(supervisor, &request);
        at += GB_FRAME_HEADER + length;
    }
    if (framed < 0)
        refuse_input(supervisor, &fault);
    input_length -= at;
    if (at > 0 && input_length > 0)
        memmove(input, input + at, input_length);
}

static void read_input(struct gb_supervisor *supervisor)
{
    ssize_t got = recv(supervisor->control, input + input_length, sizeof input - input_length, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        supervisor->stop = true; /* the runner is gone, and with it everything */
        return;
    }
    input_length += (size_t)got;
    handle_input(supervisor);
}

/* What the descriptors of sandbox i are for; poll ignores those that are -1. */
enum { REPORT, END, LIMIT, ORPHAN, NETWORK, PER_SANDBOX };
enum { NOTICE, TEMPLATE_END, PER_TEMPLATE };
#define FIXED 2
#define ROOM (FIXED + PER_TEMPLATE * GB_MAX_TEMPLATES + PER_SANDBOX * GB_MAX_SANDBOXES)

static int milliseconds_until(uint64_t time, uint64_t now)
{
    if (time == 0)
        return -1;
    return time <= now ? 0 : time - now > 3600000 ? 3600000 : (int)(time - now);
}

static void handle_sandbox(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox, const struct pollfd *polls)
{
    if (polls[ORPHAN].revents != 0)
        gb_template_on_orphan_end(sandbox);
    if (polls[NETWORK].revents != 0)
        gb_forwarder_on_event(supervisor, sandbox);
    if (polls[LIMIT].revents != 0)
        gb_sandbox_on_limit_event(supervisor, sandbox);
    if (polls[REPORT].revents != 0)
        gb_sandbox_on_report(supervisor, sandbox);
    if (polls[END].revents != 0)
        gb_sandbox_on_init_end(supervisor, sandbox);
}

/* How many entries to look at. Not all there may be: poll refuses more of them than descriptors may be open, however few there are. */
static unsigned templates_used(const struct gb_supervisor *supervisor)
{
    unsigned used = GB_MAX_TEMPLATES;
    while (used > 0 && supervisor->templates[used - 1].pid == 0)
        used--;
    return used;
}

static void poll_templates(const struct gb_supervisor *supervisor, unsigned used, struct pollfd *polls)
{
    for (unsigned i = 0; i < used; i++) {
        const struct gb_template *template = &supervisor->templates[i];
        bool alive = template->pid > 0;
        polls[PER_TEMPLATE * i + NOTICE] = (struct pollfd){.fd = alive ? template->socket : -1, .events = POLLIN};
        polls[PER_TEMPLATE * i + TEMPLATE_END] = (struct pollfd){.fd = alive ? template->pidfd : -1, .events = POLLIN};
    }
}

static void handle_templates(struct gb_supervisor *supervisor, unsigned used, const struct pollfd *polls)
{
    for (unsigned i = 0; i < used; i++) {
        if (polls[PER_TEMPLATE * i + NOTICE].revents != 0)
            gb_template_on_notice(supervisor, &supervisor->templates[i]);
        if (polls[PER_TEMPLATE * i + TEMPLATE_END].revents != 0)
            gb_template_on_end(supervisor, &supervisor->templates[i]);
    }
}

void gb_loop(struct gb_supervisor *supervisor)
{
    struct pollfd polls[ROOM];
    while (!supervisor->stop) {
        polls[0] = (struct pollfd){.fd = supervisor->control, .events = POLLIN | (gb_out_pending(&supervisor->out) ? POLLOUT : 0)};
        polls[1] = (struct pollfd){.fd = supervisor->relay_life, .events = POLLIN};
        unsigned templates = templates_used(supervisor), used = supervisor->used;
        struct pollfd *of_sandboxes = polls + FIXED + PER_TEMPLATE * templates;
        uint64_t wake = 0;
        for (unsigned i = 0; i < used; i++) {
            const struct gb_sandbox *sandbox = &supervisor->sandboxes[i];
            bool alive = sandbox->state != GB_S_FREE && sandbox->state != GB_S_ENDED;
            struct pollfd *own = of_sandboxes + PER_SANDBOX * i;
            bool ended = sandbox->cause == GB_CAUSE_EXIT; /* its last report is read with its end */
            own[REPORT] = (struct pollfd){.fd = alive && !ended ? sandbox->socket : -1, .events = POLLIN};
            own[END] = (struct pollfd){.fd = alive ? sandbox->pidfd : -1, .events = POLLIN};
            own[LIMIT] = (struct pollfd){.fd = alive ? sandbox->group.events : -1, .events = POLLIN};
            own[NETWORK] = (struct pollfd){.fd = alive ? sandbox->network_events : -1, .events = POLLIN};
            own[ORPHAN] = (struct pollfd){.fd = alive ? sandbox->orphan : -1, .events = POLLIN};
            uint64_t next = alive ? gb_sandbox_next_time(sandbox) : 0;
            if (next != 0 && (wake == 0 || next < wake))
                wake = next;
        }
        poll_templates(supervisor, templates, polls + FIXED);
        int ready = poll(polls, FIXED + PER_TEMPLATE * templates + PER_SANDBOX * used, wake == 0 ? -1 : milliseconds_until(wake, gb_now_ms()));
        if (ready < 0 && errno != EINTR)
            return;
        if (polls[1].revents != 0) { /* nothing is ever written there */
            close(supervisor->relay_life);
            supervisor->relay_life = -1;
            return;
        }
        if (ready > 0)
            handle_templates(supervisor, templates, polls + FIXED);
        for (unsigned i = 0; ready > 0 && i < used; i++)
            handle_sandbox(supervisor, &supervisor->sandboxes[i], of_sandboxes + PER_SANDBOX * i);
        if (wake != 0) {
            uint64_t now = gb_now_ms();
            for (unsigned i = 0; i < used; i++)
                gb_sandbox_on_time(supervisor, &supervisor->sandboxes[i], now);
        }
        if (polls[0].revents & (POLLIN | POLLHUP | POLLERR))
            read_input(supervisor);
        if (gb_out_flush(&supervisor->out, supervisor->control) != 0)
            return;
    }
    struct pollfd last = {.fd = supervisor->control, .events = POLLOUT};
    while (gb_out_pending(&supervisor->out) && poll(&last, 1, 1000) > 0 && gb_out_flush(&supervisor->out, supervisor->control) == 0)
        ;
}
