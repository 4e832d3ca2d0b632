/* The init's part in a network policy: sockets of its network namespace for the forwarder, see forward.h. */
#include "emulate.h"
#include "forward.h"
#include "init.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKLOG 512
#define MAX_OWN 2048
#define MAX_ANY 1024 /* addresses */
#define DRAIN_MS 1000

static unsigned long own[MAX_OWN];
static unsigned own_count;
static bool any_port;
static uint32_t any_port_of[MAX_ANY];
static unsigned any_count;

bool gb_sockets_own(unsigned long inode)
{
    for (unsigned i = 0; i < own_count; i++) {
        if (own[i] == inode)
            return true;
    }
    return false;
}

/* Without SO_REUSEADDR, so that a file that wants the port for itself learns of it. */
static int bound(int type, const struct sockaddr *address, socklen_t length)
{
    int fd = socket(address->sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int only = 1;
    struct stat status;
    if (fd < 0)
        return -1;
    if (address->sa_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
    if (bind(fd, address, length) != 0 || fstat(fd, &status) != 0 || own_count == MAX_OWN) {
        close(fd);
        return -1;
    }
    own[own_count++] = (unsigned long)status.st_ino;
    return fd;
}

static int bound_v4(int type, uint32_t address, uint16_t port)
{
    const struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = address, .sin_port = htons(port)};
    return bound(type, (const struct sockaddr *)&place, sizeof place);
}

static int bound_v6(uint16_t port)
{
    const struct sockaddr_in6 place = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT, .sin6_port = htons(port)};
    return bound(SOCK_STREAM, (const struct sockaddr *)&place, sizeof place);
}

static int hand_over(int forwarder, const struct gb_socket_note *note, int fd)
{
    int result = gb_send_message(forwarder, note, sizeof *note, fd);
    close(fd);
    return result;
}

static int open_forward(int forwarder, uint16_t port, struct gb_error *error)
{
    char path[32];
    snprintf(path, sizeof path, "127.0.0.1:%u", port);
    int v4 = bound_v4(SOCK_STREAM, htonl(INADDR_LOOPBACK), port), v6 = bound_v6(port);
    if (v4 < 0 || (v6 < 0 && errno != EAFNOSUPPORT && errno != EADDRNOTAVAIL)) /* hosts without IPv6 */
        return gb_fail(error, "forward-listen", path);
    const struct gb_socket_note note = {.kind = GB_SOCKET_FORWARD, .port = port};
    if (hand_over(forwarder, &note, v4) != 0 || (v6 >= 0 && hand_over(forwarder, &note, v6) != 0))
        return gb_fail(error, "forwarder", path);
    return 0;
}

int gb_sockets_resolver(struct gb_error *error)
{
    int resolver = bound_v4(SOCK_DGRAM, htonl(INADDR_LOOPBACK), 53);
    return resolver >= 0 ? resolver : gb_fail(error, "network-resolver", "127.0.0.1:53");
}

int gb_sockets_open(const struct gb_request *request, int forwarder, struct gb_error *error)
{
    static struct gb_policy policy;
    if (gb_policy_read(request, &policy, error) != 0)
        return -1;
    bool by_kernel = gb_emulates_packets(&policy.emulation);
    if (by_kernel && gb_emulate(&policy.emulation, error) != 0) {
        if (error->number != ENOENT)
            return -1;
        by_kernel = false;
    }
    any_port = gb_policy_has_any_port(&policy);
    for (unsigned i = 0; i < policy.forward_count; i++) {
        if (open_forward(forwarder, policy.forwards[i].port, error) != 0)
            return -1;
    }
    int resolver = gb_sockets_resolver(error);
    if (resolver < 0)
        return -1;
    const struct gb_socket_note note = {.kind = GB_SOCKET_RESOLVER, .port = 53, .address = by_kernel ? GB_KERNEL_EMULATES : 0};
    return hand_over(forwarder, &note, resolver) == 0 ? 0 : gb_fail(error, "forwarder", NULL);
}

static int listening(uint32_t address, uint16_t port)
{
    int fd = bound_v4(SOCK_STREAM, address, port);
    if (fd < 0 || listen(fd, BACKLOG) == 0)
        return fd;
    close(fd);
    return -1;
}

bool gb_sockets_any_port(void)
{
    return any_port;
}

void gb_sockets_expect(int forwarder, uint32_t address, uint16_t port)
{
    unsigned i = 0;
    while (i < any_count && any_port_of[i] != address)
        i++;
    if (i == any_count || port == 0)
        return;
    const struct gb_socket_note note = {.kind = GB_SOCKET_CONNECT, .address = address, .port = port};
    int fd = listening(address, port); /* -1: somebody listens there already, as a rule the forwarder */
    if (fd < 0)
        return;
    gb_send_message(forwarder, &note, sizeof note, fd);
    close(fd);
}

bool gb_sockets_serve(int forwarder)
{
    struct gb_socket_note note;
    int unused;
    ssize_t got = gb_receive_message(forwarder, &note, sizeof note, &unused, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (got != (ssize_t)sizeof note)
        return false;
    int fd = -1;
    if (note.port != GB_ANY_PORT)
        fd = listening(note.address, note.port);
    else if (any_count < MAX_ANY)
        any_port_of[any_count++] = note.address;
    gb_send_message(forwarder, &note, sizeof note, fd);
    if (fd >= 0)
        close(fd);
    return true;
}

void gb_sockets_drain(int forwarder)
{
    const struct gb_socket_note drain = {.kind = GB_SOCKET_DRAIN};
    struct gb_socket_note note;
    struct pollfd end = {.fd = forwarder, .events = POLLIN};
    int unused;
    if (gb_send_message(forwarder, &drain, sizeof drain, -1) != 0)
        return;
    /* A last wish for a listener is not granted any more. */
    while (poll(&end, 1, DRAIN_MS) > 0 && gb_receive_message(forwarder, &note, sizeof note, &unused, MSG_DONTWAIT) > 0)
        ;
}
