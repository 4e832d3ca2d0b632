/*
 * The network of a sandbox that may reach something. The init makes listening sockets in the sandbox's network namespace and hands
 * them to the forwarder, a process in the host's network namespace that accepts on them and connects to the real targets:
 *
 *   sandbox                                 │ host
 *   worker ─▶ 127.0.0.1:5432, [::1]:5432   ─│─▶ forwarder ─▶ db.internal:5432      network.forward
 *   worker ─▶ 127.0.0.1:53 (UDP)           ─│─▶ answers permitted names with an address of 127.64.0.0/10
 *   worker ─▶ 127.64.0.1:443               ─│─▶           ─▶ api.example.com:443    network.allow
 *   worker ─▶ 127.64.0.2:any               ─│─▶           ─▶ db.internal:any        network.allow with `*` for a port
 *
 * Nobody can listen on every port, so where a rule names none, the kernel asks the init before each connect() (connects.c): it listens
 * at what is about to be connected to, and then the call goes on.
 *
 * Sockets belong to the namespace that they were made in, whoever holds them. The forwarder is a child of the supervisor, one per
 * sandbox with a policy; it has no privileges, and ends when the init's end of their socket pair is closed.
 */
#ifndef GLOVEBOX_FORWARD_H
#define GLOVEBOX_FORWARD_H

#include "policy.h"

/* Between init and forwarder, over a SOCK_SEQPACKET pair. First the init sends the sockets of the forwards, then the resolver's,
 * each with its descriptor; later the forwarder asks for listeners and gets each back, without a descriptor where that failed. At the
 * end of the worker the init asks for what it had sent to be delivered: the end of the namespace would drop it. */
enum gb_socket_kind {
    GB_SOCKET_FORWARD,
    GB_SOCKET_RESOLVER,
    GB_SOCKET_NAME,    /* asked for by the forwarder; with GB_ANY_PORT there is no descriptor to come, only later those of: */
    GB_SOCKET_CONNECT, /* a port of such an address that is about to be connected to */
    GB_SOCKET_DRAIN,
};

#define GB_KERNEL_EMULATES 1 /* what the policy wants emulated the loopback does, see emulate.h */

struct gb_socket_note {
    enum gb_socket_kind kind;
    uint32_t address; /* of GB_SOCKET_NAME and _CONNECT, in network byte order; of GB_SOCKET_RESOLVER GB_KERNEL_EMULATES or 0 */
    uint16_t port;
};

/* forwarder → supervisor: what was tried in vain. Each once. */
enum gb_blocked_kind {
    GB_BLOCKED_NAME,        /* a name that the policy does not permit */
    GB_BLOCKED_UNREACHABLE, /* a target that was permitted, but refused or did not answer */
};

struct gb_blocked {
    enum gb_blocked_kind kind;
    uint16_t port; /* 0: unknown */
    uint64_t time; /* when it was asked for: CLOCK_MONOTONIC, microseconds */
    char host[GB_HOST_SIZE];
};

/* init, sockets.c. A socket for the sandbox's resolver, or -1. */
int gb_sockets_resolver(struct gb_error *error);
/* init, sockets.c. Binds what the policy forwards, and the resolver; hands all of it over. */
int gb_sockets_open(const struct gb_request *request, int forwarder, struct gb_error *error);
/* init, sockets.c. Whether connects have to be watched, see connects.h. */
bool gb_sockets_any_port(void);
/* init, sockets.c. Somebody is about to connect there: if any port of the address leads outside, the forwarder gets a listener for it. */
void gb_sockets_expect(int forwarder, uint32_t address, uint16_t port);
/* init, sockets.c. One more listener for the forwarder; false when it has gone. */
bool gb_sockets_serve(int forwarder);
/* init, sockets.c. Waits, but not for ever, until what was sent has been passed on, and the forwarder has ended. */
void gb_sockets_drain(int forwarder);
/* init, sockets.c. Is this inode one of these sockets, which are no leaks of the file? */
bool gb_sockets_own(unsigned long inode);

/* forwarder, listening.c. At any address. */
bool gb_somebody_listens(uint16_t port);

/* forwarder, forward.c. Never returns. */
_Noreturn void gb_forward(const struct gb_policy *policy, int init, int events);

#endif
