/*
 * A slow, lossy loopback, by the kernel's own network emulator (sch_netem): everything in the sandbox passes it, forwards and the
 * resolver too, since their inner halves are on the loopback. Asked for by rtnetlink, as `tc qdisc add dev lo root netem` does.
 */
#include "emulate.h"

#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOPBACK 1 /* its interface number in every network namespace */
#define QUEUE 20000 /* packets */

struct request {
    struct nlmsghdr header;
    struct tcmsg traffic;
    char attributes[256];
};

static struct rtattr *append(struct request *request, unsigned short type, const void *data, size_t length)
{
    struct rtattr *attribute = (struct rtattr *)(void *)((char *)request + NLMSG_ALIGN(request->header.nlmsg_len));
    attribute->rta_type = type;
    attribute->rta_len = (unsigned short)RTA_LENGTH(length);
    memcpy(RTA_DATA(attribute), data, length);
    request->header.nlmsg_len = (uint32_t)(NLMSG_ALIGN(request->header.nlmsg_len) + RTA_ALIGN(attribute->rta_len));
    return attribute;
}

static void describe(struct request *request, const struct gb_emulation *emulation)
{
    const struct tc_netem_qopt basic = {.limit = QUEUE, .loss = (uint32_t)((uint64_t)emulation->loss_ppm * UINT32_MAX / 1000000)};
    const int64_t latency = (int64_t)emulation->latency_ms * 1000000;
    const struct tc_netem_rate rate = {.rate = (uint32_t)emulation->bandwidth};
    append(request, TCA_KIND, "netem", sizeof "netem");
    struct rtattr *options = append(request, TCA_OPTIONS, &basic, sizeof basic);
    append(request, TCA_NETEM_LATENCY64, &latency, sizeof latency);
    if (emulation->bandwidth > 0)
        append(request, TCA_NETEM_RATE, &rate, sizeof rate);
    options->rta_len = (unsigned short)((char *)request + request->header.nlmsg_len - (char *)options);
}

int gb_emulate(const struct gb_emulation *emulation, struct gb_error *error)
{
    struct request request = {
        .header = {.nlmsg_len = NLMSG_LENGTH(sizeof request.traffic), .nlmsg_type = RTM_NEWQDISC,
            .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE},
        .traffic = {.tcm_family = AF_UNSPEC, .tcm_ifindex = LOOPBACK, .tcm_parent = TC_H_ROOT, .tcm_handle = TC_H_MAKE(1u << 16, 0)},
    };
    describe(&request, emulation);
    union {
        struct nlmsghdr header;
        char room[1024];
    } answer;
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0)
        return gb_fail(error, "network-netem", "lo");
    ssize_t got = send(fd, &request, request.header.nlmsg_len, 0) < 0 ? -1 : recv(fd, &answer, sizeof answer, 0);
    int result = got < 0 ? -errno : ((const struct nlmsgerr *)NLMSG_DATA(&answer.header))->error;
    close(fd);
    if (result == 0)
        return 0;
    errno = -result;
    return gb_fail(error, "network-netem", "lo");
}
