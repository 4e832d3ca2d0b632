/*
 * Inside the forwarder. routes.c: where connections go that arrive on listeners, and the streams that carry them. names.c: the resolver,
 * which makes routes of names. forward.c: the process. There is one forwarder a process, so each file keeps its own state.
 */
#ifndef GLOVEBOX_ROUTES_H
#define GLOVEBOX_ROUTES_H

#include "forward.h"
#include "stream.h"

#define GB_MAX_NAMES 1024 /* permitted names in use */
#define GB_MAX_NAME_PORTS 16
#define GB_MAX_WAITING 64 /* queries that wait for one lookup */
#define GB_BACKLOG 512

struct gb_query;

struct gb_route {
    char host[GB_HOST_SIZE];
    uint16_t port;                /* of the target of a forward, 0: the listener's own */
    uint32_t address;             /* that stands for a permitted name, network byte order; 0: a forward */
    struct gb_addresses addresses;
    uint64_t resolved;            /* when, ms; 0: not yet */
    struct gb_watch lookup_watch;
    struct gb_lookup lookup;
    struct gb_stream *waiting;    /* for the lookup */
    struct gb_query *queries[GB_MAX_WAITING];
    unsigned query_count;
    uint16_t ports[GB_MAX_NAME_PORTS]; /* of a name, that are listened on already */
    unsigned port_count;
    bool down, probing;           /* nobody answers the forward's target, so that nobody may listen here either */
    uint64_t next_probe;
    bool said;                    /* that it cannot be reached */
};

/* ---- forward.c ---- */

void gb_forward_tell(enum gb_blocked_kind kind, const char *host, uint16_t port);
/* What the init says unasked. GB_SOCKET_DRAIN: what has been sent is passed on, nothing new is begun, and then the process ends. */
void gb_forward_hear(const struct gb_socket_note *note, int fd);

/* ---- routes.c ---- */

void gb_routes_open(int epoll);
struct gb_route *gb_route_add(const char *host, uint16_t port, uint32_t address); /* NULL: no memory */
/* The route of a permitted name, NULL: none yet. */
struct gb_route *gb_route_of_name(const char *name);
/* The route of the name that this address stands for. */
struct gb_route *gb_route_at(uint32_t address);
bool gb_route_listen(struct gb_route *route, uint16_t port, int fd);
bool gb_route_is_fresh(const struct gb_route *route); /* its addresses need not be asked for again */
/* Asks for them. Those who wait, streams and queries (gb_names_answer), are served as soon as they are there. */
void gb_route_resolve(struct gb_route *route);
/* Of a forward, before anybody connects: does anybody answer? */
void gb_route_look_at(struct gb_route *route);

/* What happened to something that is watched. */
void gb_routes_on_listener(struct gb_watch *watch);
void gb_routes_on_lookup(struct gb_watch *watch);
void gb_routes_on_end(struct gb_watch *watch, uint32_t events);
/* Begins the probes that are due; milliseconds until the next one, -1: none. */
int gb_routes_probe(void);
void gb_routes_accept_all(void);
/* What an emulated line has carried by now. */
void gb_routes_deliver(void);
/* After a round of events. Whether some client's words have not been passed on yet. */
bool gb_routes_sweep(void);

/* ---- names.c ---- */

void gb_names_open(const struct gb_policy *policy, int init, int resolver);
void gb_names_on_query(void);
/* The route has been resolved: answers the queries that waited. */
void gb_names_answer(struct gb_route *route);

#endif
