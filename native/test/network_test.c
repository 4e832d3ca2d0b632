/* What a network policy permits, and the resolver's reading and writing of DNS. */
#include "../dns.h"
#include "../lookup.h"
#include "../policy.h"
#include "../queue.h"
#include "tap.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct gb_policy policy;
static struct gb_error error;
static struct gb_request request;

/* Records ended by `|`. */
static int read_policy(const char *records)
{
    static char payload[65536];
    size_t length = strlen(records);
    for (size_t i = 0; i < length; i++)
        payload[i] = (char)(records[i] == '|' ? 0 : records[i]);
    request.payload = payload;
    request.payload_end = payload + length;
    memset(&error, 0, sizeof error);
    return gb_policy_read(&request, &policy, &error);
}

static void forwards_and_names_are_read(void)
{
    check_number(read_policy("type=create|network.forward=5432 db.internal 5433|network.allow=*.x.org 443|network.forward=1 ::1 65535|"), 0);
    check_number(policy.forward_count, 2);
    check_number(policy.forwards[0].port, 5432);
    check_text(policy.forwards[0].host, "db.internal");
    check_number(policy.forwards[0].host_port, 5433);
    check_text(policy.forwards[1].host, "::1");
    check_number(policy.forwards[1].host_port, 65535);
    check_number(policy.rule_count, 1);
    check_text(policy.rules[0].name, "*.x.org");
}

static void what_is_malformed_is_refused(void)
{
    static const char *const bad[] = {
        "network.forward=|", "network.forward=5432|", "network.forward=5432 db|", "network.forward=0 db 1|", "network.forward=65536 db 1|",
        "network.forward=1 db 1 |", "network.forward=1  1|", "network.forward=1 db -1|", "network.allow=x.org|", "network.allow=x.org 0|",
        "network.allow= 443|", "network.allow=x.org 443x|", "network.allow=x.org *1|", "network.allow=x.org **|", "network.allow=x.org 999999999999|",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (read_policy(bad[i]) == 0)
            tap_fail(__FILE__, __LINE__, "accepted: %s", bad[i]);
        check_text(error.stage, "network-policy");
    }
}

static void too_much_is_refused(void)
{
    static char text[65536];
    for (int i = 0; i < GB_MAX_FORWARDS; i++)
        strcat(text, "network.forward=1 a 1|");
    check_number(read_policy(text), 0);
    strcat(text, "network.forward=1 a 1|");
    check(read_policy(text) != 0);
    strcpy(text, "network.allow=");
    memset(text + strlen(text), 'a', GB_HOST_SIZE);
    strcat(text, " 1|");
    check(read_policy(text) != 0);
}

static void a_star_stands_for_everything_below(void)
{
    uint16_t ports[4];
    check_number(read_policy("network.allow=a.org 80|network.allow=*.a.org 443|network.allow=a.org 81|network.allow=a.org 80|"), 0);
    check_number(gb_policy_ports(&policy, "a.org", ports, 4), 2);
    check_number(ports[0], 80);
    check_number(ports[1], 81);
    check_number(gb_policy_ports(&policy, "b.a.org", ports, 4), 1);
    check_number(gb_policy_ports(&policy, "c.b.a.org", ports, 4), 1);
    check_number(gb_policy_ports(&policy, "xa.org", ports, 4), 0);
    check_number(gb_policy_ports(&policy, ".a.org", ports, 4), 0);
    check_number(gb_policy_ports(&policy, "a.org.evil", ports, 4), 0);
    check_number(gb_policy_ports(&policy, "", ports, 4), 0);
    check_number(read_policy("network.allow=* 443|"), 0);
    check_number(gb_policy_ports(&policy, "whatever", ports, 4), 1);
    check(!gb_policy_has_any_port(&policy));
}

static void a_star_for_a_port_stands_for_all_of_them(void)
{
    uint16_t ports[4];
    check_number(read_policy("network.allow=db.internal 5432|network.allow=*.internal *|network.allow=a.org 80|"), 0);
    check(gb_policy_has_any_port(&policy));
    check_number(gb_policy_ports(&policy, "db.internal", ports, 4), 1);
    check_number(ports[0], GB_ANY_PORT);
    check_number(gb_policy_ports(&policy, "a.org", ports, 4), 1);
    check_number(ports[0], 80);
    check_number(gb_policy_ports(&policy, "internal", ports, 4), 0);
}

static void what_is_emulated_is_read(void)
{
    check_number(read_policy("network.emulate=latency 50|network.emulate=loss 10000|network.emulate=bandwidth 125000|network.emulate=dns silent|"), 0);
    check(gb_emulates_packets(&policy.emulation));
    check_number(policy.emulation.latency_ms, 50);
    check_number(policy.emulation.loss_ppm, 10000);
    check_number(policy.emulation.bandwidth, 125000);
    check_number(policy.emulation.dns, GB_DNS_SILENT);
    check_number(read_policy("network.emulate=dns fail|"), 0);
    check(!gb_emulates_packets(&policy.emulation));
    static const char *const bad[] = {
        "network.emulate=|", "network.emulate=latency|", "network.emulate=latency |", "network.emulate=latency -1|", "network.emulate=latency 60001|",
        "network.emulate=loss 1000001|", "network.emulate=bandwidth 0|", "network.emulate=bandwidth 4294967296|", "network.emulate=dns|",
        "network.emulate=latency 99999999999999999999999|", "network.emulate=jitter 1|",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (read_policy(bad[i]) == 0)
            tap_fail(__FILE__, __LINE__, "accepted: %s", bad[i]);
    }
}

/* Between calls no time passes that matters: what a line has to carry grows faster. */
static void a_line_carries_one_thing_after_the_other(void)
{
    struct gb_end end = {.free_at = 0};
    const struct gb_emulation none = {.latency_ms = 0}, slow = {.latency_ms = 1000, .bandwidth = 1000}, dead = {.loss_ppm = 1000000};
    check_number(gb_line_due(&none, &end, 100), 0);
    uint64_t began = gb_now_us(), first = gb_line_due(&slow, &end, 500), second = gb_line_due(&slow, &end, 500);
    check(first >= began + 1500000);
    check_number(second - first, 500000);
    check(gb_line_due(&dead, &end, 1) == UINT64_MAX);
}

static void a_queue_gives_what_is_due_in_order(void)
{
    int pair[2];
    char got[16] = {0};
    check_number(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    struct gb_end end = {.watch.fd = pair[0]};
    check(gb_queue_put(&end, (const unsigned char *)"ab", 2, 0) && gb_queue_put(&end, (const unsigned char *)"c", 1, 1));
    check(gb_queue_put(&end, (const unsigned char *)"d", 1, UINT64_MAX));
    check_number(end.queued, 4);
    check(!gb_queue_is_late(&end) && gb_queue_flush(&end) && gb_queue_is_late(&end));
    check_number(read(pair[1], got, sizeof got), 3);
    check_text(got, "abc");
    check_number(end.queued, 1);
    gb_queue_drop(&end);
    check(end.first == NULL && end.last == NULL && end.queued == 0);
    close(pair[1]);
    check(gb_queue_put(&end, (const unsigned char *)"e", 1, 0) && !gb_queue_flush(&end));
    gb_queue_drop(&end);
    close(pair[0]);
}

static const unsigned char query[] = "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x01\x03" "API\x07" "example\x03" "com\0\0\x01\0\x01"
    "\0\0\x29\x04\xd0\0\0\0\0\0\0";

static void a_query_is_read(void)
{
    struct gb_question question;
    check(gb_dns_parse(query, sizeof query - 1, &question));
    check_text(question.name, "api.example.com");
    check_number(question.type, GB_DNS_A);
    check_number(question.end, 33);
}

static void names_below_localhost_are_local(void)
{
    check(gb_dns_is_local("localhost"));
    check(gb_dns_is_local("a.b.localhost"));
    check(!gb_dns_is_local("notlocalhost"));
    check(!gb_dns_is_local(".localhost"));
    check(!gb_dns_is_local("localhost.com"));
    check(!gb_dns_is_local(""));
}

/* Of exact size, so that AddressSanitizer sees a byte read too far. */
static bool parses(const unsigned char *bytes, size_t length)
{
    struct gb_question question;
    unsigned char *copy = malloc(length ? length : 1);
    memcpy(copy, bytes, length);
    bool result = gb_dns_parse(copy, length, &question);
    free(copy);
    return result;
}

static void what_is_no_query_is_refused_whatever_its_length(void)
{
    for (size_t length = 0; length < 33; length++)
        check(!parses(query, length));
    unsigned char other[sizeof query];
    memcpy(other, query, sizeof query);
    other[2] = 0x81; /* a response */
    check(!parses(other, sizeof query - 1));
    memcpy(other, query, sizeof query);
    other[5] = 2; /* two questions */
    check(!parses(other, sizeof query - 1));
    memcpy(other, query, sizeof query);
    other[12] = 0xc0; /* a pointer */
    check(!parses(other, sizeof query - 1));
    unsigned char noise[600];
    for (unsigned seed = 1; seed < 20000; seed++) {
        srand(seed);
        size_t length = (size_t)rand() % sizeof noise;
        for (size_t i = 0; i < length; i++)
            noise[i] = (unsigned char)rand();
        if (length > 12) {
            noise[2] = 1;
            noise[4] = 0;
            noise[5] = 1;
            noise[12] &= 0x3f;
        }
        parses(noise, length);
    }
}

static void a_label_cannot_smuggle_a_dot(void)
{
    struct gb_question question;
    static const unsigned char odd[] = "\0\1\1\0\0\1\0\0\0\0\0\0\x05" "a.org\x01*\0\0\x01\0\x01";
    check(gb_dns_parse(odd, sizeof odd - 1, &question));
    check_text(question.name, "a?org.?");
}

static void answers_carry_one_address_or_none(void)
{
    struct gb_question question;
    unsigned char reply[GB_DNS_MAX_REPLY];
    check(gb_dns_parse(query, sizeof query - 1, &question));
    static const unsigned char address[4] = {127, 64, 0, 1};
    size_t length = gb_dns_answer(query, &question, GB_DNS_OK, address, reply);
    check_number(length, 33 + 16);
    check(memcmp(reply, "\x12\x34\x81\x80\0\1\0\1\0\0\0\0", 12) == 0);
    check(memcmp(reply + length - 16, "\xc0\x0c\0\1\0\1\0\0\0\0\0\4\x7f\x40\0\1", 16) == 0);
    length = gb_dns_answer(query, &question, GB_DNS_NO_SUCH_NAME, NULL, reply);
    check_number(length, 33);
    check(memcmp(reply + 2, "\x81\x83\0\1\0\0\0\0\0\0", 10) == 0);
}

static void addresses_need_no_lookup(void)
{
    struct gb_addresses addresses = {.count = 7};
    check(!gb_lookup_literal("db.internal", &addresses));
    check_number(addresses.count, 7);
    check(gb_lookup_literal("localhost", &addresses));
    check_number(addresses.count, 2);
    check(gb_lookup_literal("::1", &addresses));
    check_number(addresses.count, 1);
    check_number(addresses.all[0].ss_family, AF_INET6);
    check(gb_lookup_literal("10.1.2.3", &addresses));
    check_number(addresses.all[0].ss_family, AF_INET);
}

#define CASE(title, function) {title, function}
int main(int argc, char **argv)
{
    static const struct tap_case cases[] = {
        CASE("forwards and names are read", forwards_and_names_are_read),
        CASE("what is malformed is refused", what_is_malformed_is_refused),
        CASE("too much is refused", too_much_is_refused),
        CASE("a star stands for everything below", a_star_stands_for_everything_below),
        CASE("a star for a port stands for all of them", a_star_for_a_port_stands_for_all_of_them),
        CASE("what is emulated is read", what_is_emulated_is_read),
        CASE("a line carries one thing after the other", a_line_carries_one_thing_after_the_other),
        CASE("a queue gives what is due, in order", a_queue_gives_what_is_due_in_order),
        CASE("a query is read", a_query_is_read),
        CASE("names below localhost are local", names_below_localhost_are_local),
        CASE("what is no query is refused, whatever its length", what_is_no_query_is_refused_whatever_its_length),
        CASE("a label cannot smuggle a dot", a_label_cannot_smuggle_a_dot),
        CASE("answers carry one address or none", answers_carry_one_address_or_none),
        CASE("addresses need no lookup", addresses_need_no_lookup),
    };
    return tap_main(argc, argv, cases, sizeof cases / sizeof cases[0], NULL);
}
