/* The resolver of a sandbox: what is permitted gets an address that stands for it, everything else does not exist. */
#include "dns.h"
#include "init.h"
#include "refusals.h"
#include "routes.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST_ADDRESS 0x7f400001u /* 127.64.0.1 */

struct gb_query {
    struct sockaddr_storage from;
    socklen_t from_length;
    struct gb_question question;
    unsigned char bytes[GB_DNS_MAX_QUERY];
};

static const struct gb_policy *policy;
static int init_socket, resolver;
static unsigned name_count;

void gb_names_open(const struct gb_policy *permitted, int init, int socket_fd)
{
    policy = permitted;
    init_socket = init;
    resolver = socket_fd;
}

static void reply_to(const struct gb_query *query, enum gb_dns_code code, const unsigned char *address)
{
    unsigned char reply[GB_DNS_MAX_REPLY];
    size_t length = gb_dns_answer(query->bytes, &query->question, code, address, reply);
    sendto(resolver, reply, length, MSG_DONTWAIT, (const struct sockaddr *)&query->from, query->from_length);
}

/* Has the init listen at the route's address, which nobody knows yet. */
static bool listen_for(struct gb_route *route, uint16_t port)
{
    struct gb_socket_note note = {.kind = GB_SOCKET_NAME, .address = route->address, .port = port};
    int fd;
    if (gb_send_message(init_socket, &note, sizeof note, -1) != 0)
        _exit(0); /* the sandbox has ended */
    do {
        if (gb_receive_message(init_socket, &note, sizeof note, &fd, 0) != (ssize_t)sizeof note)
            _exit(0);
        if (note.kind != GB_SOCKET_NAME)
            gb_forward_hear(&note, fd);
    } while (note.kind == GB_SOCKET_CONNECT);
    return port == GB_ANY_PORT || (fd >= 0 && gb_route_listen(route, port, fd));
}

static void answer(struct gb_route *route, const struct gb_query *query)
{
    if (route->addresses.count == 0) {
        reply_to(query, GB_DNS_NO_SUCH_NAME, NULL);
        return;
    }
    uint16_t ports[GB_MAX_NAME_PORTS];
    unsigned count = gb_policy_ports(policy, route->host, ports, GB_MAX_NAME_PORTS);
    for (; route->port_count < count; route->port_count++) {
        if (!listen_for(route, ports[route->port_count])) {
            reply_to(query, GB_DNS_FAILED, NULL);
            return;
        }
    }
    /* Of other types there is nothing; that is no error. */
    reply_to(query, GB_DNS_OK, query->question.type == GB_DNS_A ? (const unsigned char *)&route->address : NULL);
}

void gb_names_answer(struct gb_route *route)
{
    for (unsigned i = 0; i < route->query_count; i++) {
        answer(route, route->queries[i]);
        free(route->queries[i]);
    }
    route->query_count = 0;
}

static struct gb_route *route_of(const char *name)
{
    struct gb_route *known = gb_route_of_name(name);
    if (known != NULL || name_count == GB_MAX_NAMES)
        return known;
    return gb_route_add(name, 0, htonl(FIRST_ADDRESS + name_count++));
}

static void tell_refused(const struct gb_question *question)
{
    if (question->type != GB_DNS_PTR && gb_refusal_is_new(question->name))
        gb_forward_tell(GB_BLOCKED_NAME, question->name, 0);
}

static void resolve(const struct gb_query *query)
{
    const struct gb_question *question = &query->question;
    uint16_t port;
    if (gb_dns_is_local(question->name)) {
        static const unsigned char loopback[4] = {127, 0, 0, 1};
        reply_to(query, GB_DNS_OK, question->type == GB_DNS_A ? loopback : NULL);
        return;
    }
    if (policy->emulation.dns != GB_DNS_WORKS) {
        if (policy->emulation.dns == GB_DNS_FAILS)
            reply_to(query, GB_DNS_FAILED, NULL);
        return;
    }
    if (gb_policy_ports(policy, question->name, &port, 1) == 0) {
        tell_refused(question);
        reply_to(query, GB_DNS_NO_SUCH_NAME, NULL);
        return;
    }
    struct gb_route *route = route_of(question->name);
    if (route == NULL || route->query_count == GB_MAX_WAITING) {
        reply_to(query, GB_DNS_FAILED, NULL);
        return;
    }
    if (gb_route_is_fresh(route)) {
        answer(route, query);
        return;
    }
    struct gb_query *copy = malloc(sizeof *copy);
    if (copy == NULL)
        return;
    *copy = *query;
    route->queries[route->query_count++] = copy;
    gb_route_resolve(route);
}

void gb_names_on_query(void)
{
    for (;;) {
        struct gb_query query = {.from_length = sizeof query.from};
        ssize_t got = recvfrom(resolver, query.bytes, sizeof query.bytes, MSG_DONTWAIT, (struct sockaddr *)&query.from, &query.from_length);
        if (got < 0)
            return;
        if (gb_dns_parse(query.bytes, (size_t)got, &query.question))
            resolve(&query);
    }
}
