#include "connects.h"
#include "forward.h"

#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* The IPv4 address that an argument of connect() names, also as an IPv6 socket has it; false for any other. Nothing depends on its
 * being true: whoever changes it meanwhile connects to a port on which nobody listens. */
static bool read_target(const struct seccomp_notif *call, uint32_t *address, uint16_t *port)
{
    union {
        struct sockaddr plain;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } target = {.plain.sa_family = AF_UNSPEC};
    size_t length = call->data.args[2] < sizeof target ? (size_t)call->data.args[2] : sizeof target;
    struct iovec here = {.iov_base = &target, .iov_len = length};
    struct iovec there = {.iov_base = (void *)(uintptr_t)call->data.args[1], .iov_len = length};
    ssize_t got = process_vm_readv((pid_t)call->pid, &here, 1, &there, 1, 0);
    if (got >= (ssize_t)sizeof target.v4 && target.plain.sa_family == AF_INET) {
        *address = target.v4.sin_addr.s_addr;
        *port = ntohs(target.v4.sin_port);
        return true;
    }
    if (got < (ssize_t)sizeof target.v6 || target.plain.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&target.v6.sin6_addr))
        return false;
    memcpy(address, target.v6.sin6_addr.s6_addr + 12, sizeof *address);
    *port = ntohs(target.v6.sin6_port);
    return true;
}

bool gb_connects_serve(int listener, int forwarder)
{
    struct pollfd state = {.fd = listener, .events = POLLIN};
    struct seccomp_notif call = {.id = 0}; /* the kernel wants it empty */
    if (poll(&state, 1, 0) > 0 && !(state.revents & POLLIN))
        return false;
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0)
        return true; /* the caller was interrupted, or has ended */
    uint32_t address;
    uint16_t port;
    if (read_target(&call, &address, &port))
        gb_sockets_expect(forwarder, address, port);
    struct seccomp_notif_resp go_on = {.id = call.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &go_on);
    return true;
}
