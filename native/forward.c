/* The forwarder of one sandbox, see forward.h: a process that waits for everything at once, and holds no more than a chunk a direction. */
#include "routes.h"
#include "init.h"
#include "refusals.h"

#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static int event_socket;
static struct gb_watch init_watch = {.what = GB_W_INIT}, resolver = {.what = GB_W_RESOLVER, .fd = -1};
static bool draining;

void gb_forward_tell(enum gb_blocked_kind kind, const char *host, uint16_t port)
{
    struct gb_blocked blocked = {.kind = kind, .port = port, .time = gb_refusal_time()};
    snprintf(blocked.host, sizeof blocked.host, "%s", host);
    if (gb_send_message(event_socket, &blocked, sizeof blocked, -1) != 0)
        _exit(0); /* the supervisor is gone */
}

/* The sockets of the forwards come first, in any order; the resolver's is the last. */
static void take_sockets(const struct gb_policy *policy)
{
    struct gb_route *routes[GB_MAX_FORWARDS];
    for (unsigned i = 0; i < policy->forward_count; i++) {
        routes[i] = gb_route_add(policy->forwards[i].host, policy->forwards[i].host_port, 0);
        if (routes[i] == NULL)
            _exit(1);
    }
    while (resolver.fd < 0) {
        struct gb_socket_note note;
        int fd;
        ssize_t got = gb_receive_message(init_watch.fd, &note, sizeof note, &fd, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got != (ssize_t)sizeof note)
            _exit(0); /* the sandbox could not be made */
        if (note.kind == GB_SOCKET_RESOLVER) {
            resolver.fd = fd;
            if (note.address != GB_KERNEL_EMULATES)
                gb_streams_emulate(&policy->emulation);
        }
        for (unsigned i = 0; i < policy->forward_count; i++) {
            if (note.kind == GB_SOCKET_FORWARD && policy->forwards[i].port == note.port) {
                listen(fd, GB_BACKLOG);
                gb_route_listen(routes[i], note.port, fd);
                break;
            }
        }
    }
    for (unsigned i = 0; i < policy->forward_count; i++)
        gb_route_look_at(routes[i]);
}

void gb_forward_hear(const struct gb_socket_note *note, int fd)
{
    if (note->kind == GB_SOCKET_DRAIN) {
        draining = true;
        gb_routes_accept_all();
    } else if (note->kind == GB_SOCKET_CONNECT && fd >= 0) {
        struct gb_route *route = gb_route_at(note->address);
        if (route == NULL || !gb_route_listen(route, note->port, fd))
            close(fd);
    }
}

static void hear_init(void)
{
    struct gb_socket_note note;
    int fd;
    /* What was there when the events were fetched has perhaps been heard since, while names.c waited for an answer. */
    ssize_t got = gb_receive_message(init_watch.fd, &note, sizeof note, &fd, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got != (ssize_t)sizeof note)
        _exit(0); /* the sandbox has ended */
    gb_forward_hear(&note, fd);
}

static void handle(const struct epoll_event *event)
{
    struct gb_watch *watch = event->data.ptr;
    switch (watch->what) {
    case GB_W_INIT:
        hear_init();
        break;
    case GB_W_RESOLVER:
        gb_names_on_query();
        break;
    case GB_W_LISTENER:
        gb_routes_on_listener(watch);
        break;
    case GB_W_LOOKUP:
        gb_routes_on_lookup(watch);
        break;
    case GB_W_END:
        gb_routes_on_end(watch, event->events);
        break;
    }
}

_Noreturn void gb_forward(const struct gb_policy *policy, int init, int events)
{
    struct rlimit files;
    init_watch.fd = init;
    event_socket = events;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) { /* two a connection */
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    gb_routes_open(epoll);
    take_sockets(policy);
    gb_names_open(policy, init, resolver.fd);
    gb_watch_for(epoll, &init_watch, EPOLLIN);
    gb_watch_for(epoll, &resolver, EPOLLIN);
    for (;;) {
        struct epoll_event ready[64];
        int probe = gb_routes_probe(), wait = gb_streams_wait();
        int count = epoll_wait(epoll, ready, 64, wait < 0 || (probe >= 0 && probe < wait) ? probe : wait);
        for (int i = 0; i < count; i++)
            handle(&ready[i]);
        gb_routes_deliver();
        bool busy = gb_routes_sweep();
        if (draining && !busy)
            _exit(0);
    }
}
