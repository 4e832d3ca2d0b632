/*
 * Fuzzer of what a test can send to the resolver of its sandbox: any bytes are a question or none. What is answered stays within the reply,
 * and is no question again.
 */
#include "../dns.h"
#include "../policy.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(condition) ((condition) ? (void)0 : abort())

static void must_be_a_host_name(const char *name, size_t room)
{
    const char *end = memchr(name, 0, room);
    must(end != NULL);
    must((size_t)(end - name) == strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.?"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct gb_policy policy = {.rule_count = 2, .rules = {{.name = "*.example.com", .port = 443}, {.name = "*"}}};
    static const unsigned char loopback[4] = {127, 0, 0, 1};
    unsigned char *query = malloc(size + 1); /* of its own, so that a byte too far is seen */
    struct gb_question question, again;
    must(query != NULL);
    memcpy(query, data, size);
    query = size ? realloc(query, size) : query;
    if (gb_dns_parse(query, size, &question)) {
        must_be_a_host_name(question.name, sizeof question.name);
        must(question.end <= size);
#ifdef GBTEST_PLANTED_FAULT
        must(question.type != GB_DNS_PTR); /* not in the seeds: found by mutation */
#endif
        unsigned char reply[GB_DNS_MAX_REPLY];
        uint16_t ports[4];
        must(gb_policy_ports(&policy, question.name, ports, 4) <= 4);
        gb_dns_is_local(question.name);
        size_t bare = gb_dns_answer(query, &question, GB_DNS_NO_SUCH_NAME, NULL, reply);
        must(bare == question.end && !gb_dns_parse(reply, bare, &again));
        size_t full = gb_dns_answer(query, &question, GB_DNS_OK, loopback, reply);
        must(full <= sizeof reply && full == bare + 16 && !gb_dns_parse(reply, full, &again));
    }
    free(query);
    return 0;
}
