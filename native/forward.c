/* The forwarder of one sandbox, see forward.h: a process that waits for everything at once, and holds no more than a chunk a direction. */
#include "forward.h"
#include "dns.h"
#include "init.h"
#include "stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BACKLOG 512
#define MAX_NAMES 1024      /* permitted names in use, and refused ones that are told of */
#define MAX_NAME_PORTS 16
#define MAX_WAITING 64      /* queries that wait for one lookup */
#define FRESH_MS 2000       /* for so long addresses are not asked for again */
#define PROBE_MS 1000       /* so often a dead target is looked at */
#define FIRST_ADDRESS 0x7f400001u /* 127.64.0.1 */

struct query {
    struct sockaddr_storage from;
    socklen_t from_length;
    struct gb_question question;
    unsigned char bytes[GB_DNS_MAX_QUERY];
};

/* Where connections go that arrive on certain listeners. */
struct route {
    char host[GB_HOST_SIZE];
    uint16_t port;               /* of the target of a forward, 0: the listener's own */
    uint32_t address;            /* that stands for a permitted name, network byte order; 0: a forward */
    struct gb_addresses addresses;
    uint64_t resolved;           /* when, ms; 0: not yet */
    struct gb_watch lookup_watch;
    struct gb_lookup lookup;
    struct gb_stream *waiting;   /* for the lookup */
    struct query *queries[MAX_WAITING];
    unsigned query_count;
    uint16_t ports[MAX_NAME_PORTS]; /* that are listened on already */
    unsigned port_count;
    bool down, probing;             /* nobody answers the forward's target, so that nobody may listen here either */
    uint64_t next_probe;
    bool said;                      /* that it cannot be reached */
};

struct listener {
    struct gb_watch watch;
    struct route *route;
    uint16_t port;
    struct listener *next;
};

static const struct gb_policy *policy;
static int epoll, init_socket, event_socket;
static struct gb_watch init_watch = {.what = GB_W_INIT}, resolver = {.what = GB_W_RESOLVER};
static struct route *routes[GB_MAX_FORWARDS + MAX_NAMES];
static unsigned route_count, name_count;
static struct listener *listeners;
static char *refused[MAX_NAMES];
static unsigned refused_count;
static struct gb_stream *graveyard; /* to be freed after this round of events, which may speak of them */
static unsigned unsettled;          /* streams */
static bool draining;               /* nothing new is begun */
static bool crowded;                /* no descriptor for another connection: nothing is accepted until one is closed */

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void tell(enum gb_blocked_kind kind, const char *host, uint16_t port)
{
    struct gb_blocked blocked = {.kind = kind, .port = port};
    snprintf(blocked.host, sizeof blocked.host, "%s", host);
    if (gb_send_message(event_socket, &blocked, sizeof blocked, -1) != 0)
        _exit(0); /* the supervisor is gone */
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
static void set_down(struct route *route, bool down)
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
            listen(listener->watch.fd, BACKLOG);
            watch_listener(listener);
        }
    }
}

static bool add_listener(struct route *route, uint16_t port, int fd)
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
    struct route *route = stream->route;
    if (progress == GB_CONNECTED)
        set_down(route, false);
    if (progress == GB_UNREACHABLE) {
        if (!route->said)
            tell(GB_BLOCKED_UNREACHABLE, route->host, stream->port);
        route->said = true;
        if (route->address == 0) {
            set_down(route, true);
            route->next_probe = now_ms() + PROBE_MS;
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

static void start_lookup(struct route *route);

static void connect_stream(struct gb_stream *stream)
{
    struct route *route = stream->route;
    bool fresh = route->resolved != 0 && now_ms() - route->resolved < FRESH_MS;
    if (route->address != 0 || fresh || gb_lookup_literal(route->host, &route->addresses)) {
        stream->addresses = route->addresses;
        follow(stream, gb_stream_connect(epoll, stream));
        return;
    }
    stream->next = route->waiting;
    route->waiting = stream;
    start_lookup(route);
}

static void probe(struct route *route)
{
    struct gb_stream *stream = gb_stream_new(route, route->port, -1);
    if (stream == NULL)
        return;
    route->probing = stream->settled = true;
    connect_stream(stream);
}

/* Before anybody connects. Servers are not to be bothered by sandboxes that may never need them, so only where nobody is seen to listen
 * on the host's own loopback a connection has to tell (it may be redirected); of targets elsewhere the first client will. */
static void look_at(struct route *route)
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
        struct route *route = listener->route;
        struct gb_stream *stream = gb_stream_new(route, route->port != 0 ? route->port : listener->port, client);
        if (stream == NULL) {
            close(client);
            continue;
        }
        unsettled++;
        connect_stream(stream);
    }
}

/* ---- names ---- */

static void reply_to(const struct query *query, enum gb_dns_code code, const unsigned char *address)
{
    unsigned char reply[GB_DNS_MAX_REPLY];
    size_t length = gb_dns_answer(query->bytes, &query->question, code, address, reply);
    sendto(resolver.fd, reply, length, MSG_DONTWAIT, (const struct sockaddr *)&query->from, query->from_length);
}

/* Has the init listen at the route's address, which nobody knows yet. */
static bool listen_for(struct route *route, uint16_t port)
{
    struct gb_socket_note note = {.kind = GB_SOCKET_NAME, .address = route->address, .port = port};
    int fd;
    if (gb_send_message(init_socket, &note, sizeof note, -1) != 0
        || gb_receive_message(init_socket, &note, sizeof note, &fd, 0) != (ssize_t)sizeof note)
        _exit(0); /* the sandbox has ended */
    draining |= note.kind == GB_SOCKET_DRAIN;
    return fd >= 0 && add_listener(route, port, fd);
}

static void answer(struct route *route, const struct query *query)
{
    if (route->addresses.count == 0) {
        reply_to(query, GB_DNS_NO_SUCH_NAME, NULL);
        return;
    }
    uint16_t ports[MAX_NAME_PORTS];
    unsigned count = gb_policy_ports(policy, route->host, ports, MAX_NAME_PORTS);
    for (; route->port_count < count; route->port_count++) {
        if (!listen_for(route, ports[route->port_count])) {
            reply_to(query, GB_DNS_FAILED, NULL);
            return;
        }
    }
    /* Of other types there is nothing; that is no error. */
    reply_to(query, GB_DNS_OK, query->question.type == GB_DNS_A ? (const unsigned char *)&route->address : NULL);
}

static void finish_lookup(struct route *route)
{
    route->resolved = now_ms();
    for (unsigned i = 0; i < route->query_count; i++) {
        answer(route, route->queries[i]);
        free(route->queries[i]);
    }
    route->query_count = 0;
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

static void start_lookup(struct route *route)
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

static void read_lookup(struct gb_watch *watch)
{
    struct route *route = (struct route *)(void *)((char *)watch - offsetof(struct route, lookup_watch));
    if (!gb_lookup_read(&route->lookup, &route->addresses))
        return;
    route->lookup_watch = (struct gb_watch){.what = GB_W_LOOKUP, .fd = -1}; /* closed, and so no longer watched */
    finish_lookup(route);
}

static struct route *add_route(const char *host, uint16_t port, uint32_t address)
{
    struct route *route = calloc(1, sizeof *route);
    if (route == NULL)
        return NULL;
    snprintf(route->host, sizeof route->host, "%s", host);
    route->port = port;
    route->address = address;
    route->lookup_watch.fd = -1;
    routes[route_count++] = route;
    return route;
}

static struct route *route_of_name(const char *name)
{
    for (unsigned i = 0; i < route_count; i++) {
        if (routes[i]->address != 0 && strcmp(routes[i]->host, name) == 0)
            return routes[i];
    }
    if (name_count == MAX_NAMES)
        return NULL;
    return add_route(name, 0, htonl(FIRST_ADDRESS + name_count++));
}

static void tell_refused(const char *name)
{
    for (unsigned i = 0; i < refused_count; i++) {
        if (strcmp(refused[i], name) == 0)
            return;
    }
    if (refused_count == MAX_NAMES || (refused[refused_count] = strdup(name)) == NULL)
        return;
    refused_count++;
    tell(GB_BLOCKED_NAME, name, 0);
}

static void resolve(const struct query *query)
{
    const struct gb_question *question = &query->question;
    uint16_t port;
    if (gb_policy_ports(policy, question->name, &port, 1) == 0) {
        tell_refused(question->name);
        reply_to(query, GB_DNS_NO_SUCH_NAME, NULL);
        return;
    }
    struct route *route = route_of_name(question->name);
    if (route == NULL || route->query_count == MAX_WAITING) {
        reply_to(query, GB_DNS_FAILED, NULL);
        return;
    }
    if (route->resolved != 0 && now_ms() - route->resolved < FRESH_MS) {
        answer(route, query);
        return;
    }
    struct query *copy = malloc(sizeof *copy);
    if (copy == NULL)
        return;
    *copy = *query;
    route->queries[route->query_count++] = copy;
    start_lookup(route);
}

static void read_queries(void)
{
    for (;;) {
        struct query query = {.from_length = sizeof query.from};
        ssize_t got = recvfrom(resolver.fd, query.bytes, sizeof query.bytes, MSG_DONTWAIT, (struct sockaddr *)&query.from, &query.from_length);
        if (got < 0)
            return;
        if (gb_dns_parse(query.bytes, (size_t)got, &query.question))
            resolve(&query);
    }
}

/* ---- the process ---- */

static void take_forward(uint16_t port, int fd)
{
    for (unsigned i = 0; i < policy->forward_count; i++) {
        if (policy->forwards[i].port != port)
            continue;
        listen(fd, BACKLOG);
        add_listener(routes[i], port, fd);
        return;
    }
}

static void take_sockets(void)
{
    for (unsigned i = 0; i < policy->forward_count; i++) {
        if (add_route(policy->forwards[i].host, policy->forwards[i].host_port, 0) == NULL)
            _exit(1);
    }
    while (resolver.fd < 0) {
        struct gb_socket_note note;
        int fd;
        ssize_t got = gb_receive_message(init_socket, &note, sizeof note, &fd, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got != (ssize_t)sizeof note)
            _exit(0); /* the sandbox could not be made */
        if (note.kind == GB_SOCKET_RESOLVER)
            resolver.fd = fd;
        else
            take_forward(note.port, fd);
    }
}

static int until_next_probe(void)
{
    uint64_t now = now_ms(), next = 0;
    for (unsigned i = 0; i < route_count; i++) {
        struct route *route = routes[i];
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

/* Unasked, the init says one thing, and then it ends. */
static void hear_init(void)
{
    struct gb_socket_note note;
    int fd;
    if (gb_receive_message(init_socket, &note, sizeof note, &fd, 0) != (ssize_t)sizeof note || note.kind != GB_SOCKET_DRAIN)
        _exit(0);
    draining = true;
    for (struct listener *listener = listeners; listener != NULL; listener = listener->next)
        accept_all(listener);
}

static void handle(const struct epoll_event *event)
{
    struct gb_watch *watch = event->data.ptr;
    switch (watch->what) {
    case GB_W_INIT:
        hear_init();
        break;
    case GB_W_RESOLVER:
        read_queries();
        break;
    case GB_W_LISTENER:
        accept_all((struct listener *)(void *)watch);
        break;
    case GB_W_LOOKUP:
        if (watch->fd >= 0)
            read_lookup(watch);
        break;
    case GB_W_END: {
        struct gb_end *end = (struct gb_end *)(void *)watch;
        if (!end->stream->dead)
            follow(end->stream, gb_stream_event(epoll, end, event->events));
        break;
    }
    }
}

_Noreturn void gb_forward(const struct gb_policy *permitted, int init, int events)
{
    struct rlimit files;
    policy = permitted;
    init_socket = init_watch.fd = init;
    event_socket = events;
    resolver.fd = -1;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) { /* two a connection */
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    epoll = epoll_create1(EPOLL_CLOEXEC);
    take_sockets();
    gb_watch_for(epoll, &init_watch, EPOLLIN);
    gb_watch_for(epoll, &resolver, EPOLLIN);
    for (unsigned i = 0; i < policy->forward_count; i++)
        look_at(routes[i]);
    for (;;) {
        struct epoll_event ready[64];
        int count = epoll_wait(epoll, ready, 64, until_next_probe());
        for (int i = 0; i < count; i++)
            handle(&ready[i]);
        if (draining && unsettled == 0)
            _exit(0);
        while (graveyard != NULL) {
            struct gb_stream *stream = graveyard;
            graveyard = stream->next;
            free(stream);
        }
    }
}
