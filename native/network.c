#include "namespace.h"
#include "compat.h"

#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int gb_network_up(struct gb_error *error)
{
    int socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket_fd < 0)
        return gb_fail(error, "network-loopback", "lo");
    struct ifreq request = {.ifr_name = "lo"};
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    int result = ioctl(socket_fd, SIOCSIFFLAGS, &request); /* 127.0.0.1 and ::1 come with it */
    if (result != 0)
        gb_fail(error, "network-loopback", "lo");
    close(socket_fd);
    if (result != 0)
        return -1;
    /* The worker has no CAP_NET_BIND_SERVICE, yet on its own loopback port 80 is as good as 8080. */
    static const char ports[] = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
    return gb_write_file(AT_FDCWD, ports, "0", 1) == 0 ? 0 : gb_fail(error, "network-ports", ports);
}
