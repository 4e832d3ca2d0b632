#include "routes.h"
#include "sandbox.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRESH_MS 2000 /* for so long addresses are not asked for again */
#define PROBE_MS 1000 /* so often a dead target is looked at */

struct listener {
    struct gb_watch watch;
    struct gb_route *route;
    uint16_t port;
    struct listener *next;
};

static int epoll;
static struct gb_route *routes[GB_MAX_FORWARDS + GB_MAX_NAMES];
static unsigned route_count;
static struct listener *listeners;
static struct gb_stream *graveyard; /* to be freed after this round of events, which may speak of them */
static unsigned unsettled;          /* streams */
static bool crowded;                /* no descriptor for another connection: nothing is accepted until one is closed */

void gb_routes_open(int set)
{
    epoll = set;
}

bool gb_route_is_fresh(const struct gb_route *route)
{
    return route->resolved != 0 && gb_now_ms() - route->resolved < FRESH_MS;
}

/* ---- listening ---- */

static void watch_listener(struct listener *listener)
{
    gb_watch_for(epoll, &listener->watch, crowded || listener->route->down ? 0 : EPOLLIN);
}

static void set_crowded(bool now)
{
    if (crowded == now)
        return;
    crowded = now;
    for (struct listener *listener = listeners; listener != NULL; listener = listener->next)
        watch_listener(listener);
}

/* A socket that is bound and does not listen refuses connections, as a dead port does; and keeps the port from the file. */
static void set_down(struct gb_route *route, bool down)
{
    if (route->down == down)
        return;
    route->down = down;
    for (struct listener *listener = listeners; listener != NULL; listener = listener->next) {
        if (listener->route != route)
            continue;
        if (down) {
            watch_listener(listener);
            shutdown(listener->watch.fd, SHUT_RD);
        } else {
            listen(listener->watch.fd, GB_BACKLOG);
            watch_listener(listener);
        }
    }
}

bool gb_route_listen(struct gb_route *route, uint16_t port, int fd)
{
    struct listener *listener = calloc(1, sizeof *listener);
    if (listener == NULL)
        return false;
    *listener = (struct listener){.watch = {.what = GB_W_LISTENER, .fd = fd}, .route = route, .port = port, .next = listeners};
    listeners = listener;
    watch_listener(listener);
    return true;
}

/* ---- connections ---- */

static void bury(struct gb_stream *stream)
{
    stream->next = graveyard;
    graveyard = stream;
    set_crowded(false);
}

static void follow(struct gb_stream *stream, enum gb_progress progress)
{
    struct gb_route *route = stream->route;
    if (progress == GB_CONNECTED)
        set_down(route, false);
    if (progress == GB_UNREACHABLE) {
        if (!route->said)
            gb_forward_tell(GB_BLOCKED_UNREACHABLE, route->host, stream->port);
        route->said = true;
        if (route->address == 0) {
            set_down(route, true);
            route->next_probe = gb_now_ms() + PROBE_MS;
        }
    }
    if (stream->probe && progress != GB_GOES_ON)
        route->probing = false;
    if (!stream->settled && (stream->dead || stream->outer.closed)) {
        stream->settled = true;
        unsettled--;
    }
    if (stream->dead)
        bury(stream);
}

static void connect_stream(struct gb_stream *stream)
{
    struct gb_route *route = stream->route;
    if (route->address != 0 || gb_route_is_fresh(route) || gb_lookup_literal(route->host, &route->addresses)) {
        stream->addresses = route->addresses;
        follow(stream, gb_stream_connect(epoll, stream));
        return;
    }
    stream->next = route->waiting;
    route->waiting = stream;
    gb_route_resolve(route);
}

static void probe(struct gb_route *route)
{
    struct gb_stream *stream = gb_stream_new(route, route->port, -1);
    if (stream == NULL)
        return;
    route->probing = stream->settled = true;
    connect_stream(stream);
}

/* Before anybody connects. Servers are not to be bothered by sandboxes that may never need them, so only where nobody is seen to listen
 * on the host's own loopback a connection has to tell (it may be redirected); of targets elsewhere the first client will. */
void gb_route_look_at(struct gb_route *route)
{
    struct gb_addresses addresses;
    bool local = strcmp(route->host, "localhost") == 0 || strcmp(route->host, "::1") == 0
        || (strncmp(route->host, "127.", 4) == 0 && gb_lookup_literal(route->host, &addresses));
    if (local && !gb_somebody_listens(route->port))
        probe(route);
}

static void accept_all(struct listener *listener)
{
    for (;;) {
        int client = accept4(listener->watch.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (client < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
                set_crowded(true);
            return;
        }
        struct gb_route *route = listener->route;
        struct gb_stream *stream = gb_stream_new(route, route->port != 0 ? route->port : listener->port, client);
        if (stream == NULL) {
            close(client);
            continue;
        }
        unsettled++;
        connect_stream(stream);
    }
}

/* ---- addresses ---- */

static void finish_lookup(struct gb_route *route)
{
    route->resolved = gb_now_ms();
    gb_names_answer(route);
    struct gb_stream *stream = route->waiting;
    route->waiting = NULL;
    while (stream != NULL) {
        struct gb_stream *next = stream->next;
        stream->next = NULL;
        stream->addresses = route->addresses;
        follow(stream, gb_stream_connect(epoll, stream));
        stream = next;
    }
}

void gb_route_resolve(struct gb_route *route)
{
    if (route->lookup_watch.fd >= 0)
        return; /* under way */
    if (gb_lookup_literal(route->host, &route->addresses) || gb_lookup_start(&route->lookup, route->host) != 0) {
        finish_lookup(route);
        return;
    }
    route->lookup_watch = (struct gb_watch){.what = GB_W_LOOKUP, .fd = route->lookup.output};
    gb_watch_for(epoll, &route->lookup_watch, EPOLLIN);
}

void gb_routes_on_lookup(struct gb_watch *watch)
{
    if (watch->fd < 0)
        return;
    struct gb_route *route = (struct gb_route *)(void *)((char *)watch - offsetof(struct gb_route, lookup_watch));
    if (!gb_lookup_read(&route->lookup, &route->addresses))
        return;
    route->lookup_watch = (struct gb_watch){.what = GB_W_LOOKUP, .fd = -1}; /* closed, and so no longer watched */
    finish_lookup(route);
}

struct gb_route *gb_route_add(const char *host, uint16_t port, uint32_t address)
{
    struct gb_route *route = calloc(1, sizeof *route);
    if (route == NULL)
        return NULL;
    snprintf(route->host, sizeof route->host, "%s", host);
    route->port = port;
    route->address = address;
    route->lookup_watch.fd = -1;
    routes[route_count++] = route;
    return route;
}

struct gb_route *gb_route_of_name(const char *name)
{
    for (unsigned i = 0; i < route_count; i++) {
        if (routes[i]->address != 0 && strcmp(routes[i]->host, name) == 0)
            return routes[i];
    }
    return NULL;
}

struct gb_route *gb_route_at(uint32_t address)
{
    for (unsigned i = 0; i < route_count; i++) {
        if (routes[i]->address != 0 && routes[i]->address == address)
            return routes[i];
    }
    return NULL;
}

/* ---- events ---- */

void gb_routes_on_listener(struct gb_watch *watch)
{
    accept_all((struct listener *)(void *)watch);
}

void gb_routes_on_end(struct gb_watch *watch, uint32_t events)
{
    struct gb_end *end = (struct gb_end *)(void *)watch;
    if (!end->stream->dead)
        follow(end->stream, gb_stream_event(epoll, end, events));
}

void gb_routes_deliver(void)
{
    for (struct gb_stream *stream; (stream = gb_streams_late()) != NULL;)
        follow(stream, gb_stream_move(epoll, stream));
}

void gb_routes_accept_all(void)
{
    for (struct listener *listener = listeners; listener != NULL; listener = listener->next)
        accept_all(listener);
}

int gb_routes_probe(void)
{
    uint64_t now = gb_now_ms(), next = 0;
    for (unsigned i = 0; i < route_count; i++) {
        struct gb_route *route = routes[i];
        if (!route->down || route->probing)
            continue;
        if (route->next_probe <= now) {
            route->next_probe = now + PROBE_MS;
            probe(route);
        }
        if (next == 0 || route->next_probe < next)
            next = route->next_probe;
    }
    return next == 0 ? -1 : (int)(next - now);
}

bool gb_routes_sweep(void)
{
    while (graveyard != NULL) {
        struct gb_stream *stream = graveyard;
        graveyard = stream->next;
        free(stream);
    }
    return unsettled > 0;
}
