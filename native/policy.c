#include "policy.h"

#include <errno.h>
#include <string.h>

static bool take_port(const char **cursor, char end, uint16_t *port)
{
    unsigned value = 0;
    const char *at = *cursor;
    for (; *at >= '0' && *at <= '9' && at - *cursor < 5; at++)
        value = value * 10 + (unsigned)(*at - '0');
    if (at == *cursor || *at != end || value < 1 || value > 65535)
        return false;
    *port = (uint16_t)value;
    *cursor = at + (end != '\0');
    return true;
}

static bool take_host(const char **cursor, char *host)
{
    size_t length = strcspn(*cursor, " ");
    if (length == 0 || length >= GB_HOST_SIZE || (*cursor)[length] != ' ')
        return false;
    memcpy(host, *cursor, length);
    host[length] = '\0';
    *cursor += length + 1;
    return true;
}

/* "5432 db.internal 5432" */
static bool read_forward(const char *text, struct gb_policy *policy)
{
    if (policy->forward_count == GB_MAX_FORWARDS)
        return false;
    struct gb_forward *forward = &policy->forwards[policy->forward_count++];
    return take_port(&text, ' ', &forward->port) && take_host(&text, forward->host) && take_port(&text, '\0', &forward->host_port);
}

/* "*.example.com 443", "*.internal *" */
static bool read_rule(const char *text, struct gb_policy *policy)
{
    if (policy->rule_count == GB_MAX_RULES)
        return false;
    struct gb_rule *rule = &policy->rules[policy->rule_count++];
    if (!take_host(&text, rule->name))
        return false;
    rule->port = GB_ANY_PORT;
    return strcmp(text, "*") == 0 || take_port(&text, '\0', &rule->port);
}

static bool take_number(const char *text, uint64_t most, uint64_t *number)
{
    uint64_t value = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9' && value <= most; at++)
        value = value * 10 + (uint64_t)(*at - '0');
    *number = value;
    return at > text && *at == '\0' && value <= most;
}

/* "latency 50", "loss 10000", "bandwidth 125000", "dns fail" */
static bool read_emulation(const char *text, struct gb_emulation *emulation)
{
    uint64_t number = 0;
    if (strncmp(text, "latency ", 8) == 0 && take_number(text + 8, 60000, &number))
        emulation->latency_ms = (uint32_t)number;
    else if (strncmp(text, "loss ", 5) == 0 && take_number(text + 5, 1000000, &number))
        emulation->loss_ppm = (uint32_t)number;
    else if (strncmp(text, "bandwidth ", 10) == 0 && take_number(text + 10, UINT32_MAX, &number) && number > 0)
        emulation->bandwidth = number;
    else if (strcmp(text, "dns fail") == 0)
        emulation->dns = GB_DNS_FAILS;
    else if (strcmp(text, "dns silent") == 0)
        emulation->dns = GB_DNS_SILENT;
    else
        return false;
    return true;
}

bool gb_emulates_packets(const struct gb_emulation *emulation)
{
    return emulation->latency_ms > 0 || emulation->loss_ppm > 0 || emulation->bandwidth > 0;
}

int gb_policy_read(const struct gb_request *request, struct gb_policy *policy, struct gb_error *error)
{
    policy->forward_count = policy->rule_count = 0;
    policy->emulation = (struct gb_emulation){.latency_ms = 0};
    const char *cursor = request->payload;
    struct gb_record record;
    while (gb_next_record(&cursor, request->payload_end, &record)) {
        bool fine = gb_key_is(&record, "network.forward") ? read_forward(record.value, policy)
            : gb_key_is(&record, "network.emulate")      ? read_emulation(record.value, &policy->emulation)
            : !gb_key_is(&record, "network.allow") || read_rule(record.value, policy);
        if (!fine)
            return gb_fail_with(error, "network-policy", EINVAL, record.key, "not as docs/protocol.md has it, or too many of them");
    }
    return 0;
}

static bool matches(const char *pattern, const char *name)
{
    if (pattern[0] != '*')
        return strcmp(pattern, name) == 0;
    size_t length = strlen(name), suffix = strlen(pattern + 1);
    return length > suffix && strcmp(name + length - suffix, pattern + 1) == 0;
}

unsigned gb_policy_ports(const struct gb_policy *policy, const char *name, uint16_t *ports, unsigned room)
{
    unsigned count = 0;
    for (unsigned i = 0; i < policy->rule_count && count < room; i++) {
        bool known = !matches(policy->rules[i].name, name);
        if (!known && policy->rules[i].port == GB_ANY_PORT) {
            ports[0] = GB_ANY_PORT;
            return 1;
        }
        for (unsigned j = 0; j < count && !known; j++)
            known = ports[j] == policy->rules[i].port;
        if (!known)
            ports[count++] = policy->rules[i].port;
    }
    return count;
}

bool gb_policy_has_any_port(const struct gb_policy *policy)
{
    for (unsigned i = 0; i < policy->rule_count; i++) {
        if (policy->rules[i].port == GB_ANY_PORT)
            return true;
    }
    return false;
}
