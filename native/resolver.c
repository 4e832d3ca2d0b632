/* The resolver of a sandbox without a network policy: no name exists but the sandbox's own, and each that is asked for is told of. */
#include "dns.h"
#include "init.h"
#include "refusals.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

static const unsigned char loopback[4] = {127, 0, 0, 1};

static void answer(int resolver, int supervisor, const unsigned char *query, const struct gb_question *question,
    const struct sockaddr_storage *from, socklen_t from_length)
{
    unsigned char reply[GB_DNS_MAX_REPLY];
    bool local = gb_dns_is_local(question->name);
    const unsigned char *address = local && question->type == GB_DNS_A ? loopback : NULL;
    size_t length = gb_dns_answer(query, question, local ? GB_DNS_OK : GB_DNS_NO_SUCH_NAME, address, reply);
    /* Told before: whoever asked may end with the answer. */
    if (!local && question->type != GB_DNS_PTR && gb_refusal_is_new(question->name)) {
        struct gb_report report = {.kind = GB_REPORT_REFUSED, .time = gb_refusal_time()};
        snprintf(report.name, sizeof report.name, "%s", question->name);
        gb_send_message(supervisor, &report, sizeof report, -1);
    }
    sendto(resolver, reply, length, MSG_DONTWAIT, (const struct sockaddr *)from, from_length);
}

void gb_resolver_serve(int resolver, int supervisor)
{
    for (;;) {
        unsigned char query[GB_DNS_MAX_QUERY];
        struct sockaddr_storage from;
        socklen_t from_length = sizeof from;
        struct gb_question question;
        ssize_t got = recvfrom(resolver, query, sizeof query, MSG_DONTWAIT, (struct sockaddr *)&from, &from_length);
        if (got < 0)
            return;
        if (gb_dns_parse(query, (size_t)got, &question))
            answer(resolver, supervisor, query, &question, &from, from_length);
    }
}
