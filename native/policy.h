/* What a sandbox with a network policy may reach. Pure: no I/O. */
#ifndef GLOVEBOX_POLICY_H
#define GLOVEBOX_POLICY_H

#include "decode.h"

#define GB_MAX_FORWARDS 64
#define GB_MAX_RULES 128
#define GB_HOST_SIZE 256

struct gb_forward {
    uint16_t port, host_port; /* of the sandbox's loopback, of the host outside */
    char host[GB_HOST_SIZE];
};

#define GB_ANY_PORT 0

/* `*.example.com`: any name below it; `*`: any name. */
struct gb_rule {
    char name[GB_HOST_SIZE];
    uint16_t port; /* or GB_ANY_PORT */
};

/* What the network is made to be like. Units as in `network.emulate` records: docs/protocol.md. */
enum gb_dns_fault { GB_DNS_WORKS, GB_DNS_FAILS, GB_DNS_SILENT };
struct gb_emulation {
    uint32_t latency_ms; /* each way */
    uint32_t loss_ppm;   /* of packets, in a million */
    uint64_t bandwidth;  /* bytes a second each way, 0: as much as there is */
    enum gb_dns_fault dns;
};

struct gb_policy {
    struct gb_emulation emulation;
    unsigned forward_count, rule_count;
    struct gb_forward forwards[GB_MAX_FORWARDS];
    struct gb_rule rules[GB_MAX_RULES];
};

/* Reads the records `network.forward`, `network.allow` and `network.emulate` of a create request; stage "network-policy" and the record. */
int gb_policy_read(const struct gb_request *request, struct gb_policy *policy, struct gb_error *error);
/* The ports of a name (lower case) that may be reached, GB_ANY_PORT alone if it is one of them; 0: the name is not permitted. */
unsigned gb_policy_ports(const struct gb_policy *policy, const char *name, uint16_t *ports, unsigned room);
/* Whether some name may be reached at any port. */
bool gb_policy_has_any_port(const struct gb_policy *policy);

/* Whether packets are to be held back, dropped or slowed. */
bool gb_emulates_packets(const struct gb_emulation *emulation);

#endif
