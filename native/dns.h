/* As much of DNS as a resolver needs that answers by itself: one question in, at most one address out. Pure: no I/O. */
#ifndef GLOVEBOX_DNS_H
#define GLOVEBOX_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GB_DNS_MAX_QUERY 512
#define GB_DNS_MAX_REPLY (GB_DNS_MAX_QUERY + 16)

enum { GB_DNS_A = 1, GB_DNS_PTR = 12, GB_DNS_AAAA = 28 };
enum gb_dns_code { GB_DNS_OK = 0, GB_DNS_FAILED = 2, GB_DNS_NO_SUCH_NAME = 3 };

struct gb_question {
    char name[256]; /* in lower case, without the last dot; what is no letter of a host name as `?` */
    uint16_t type;
    size_t end;     /* of the question in the query */
};

/* False for what is no query with one question. */
bool gb_dns_parse(const unsigned char *query, size_t length, struct gb_question *question);
/* `localhost`, and every name below it: the loopback's, whoever is asked (RFC 6761). */
bool gb_dns_is_local(const char *name);
/* `address`: 4 bytes, or NULL: none. Returns the length of the reply. */
size_t gb_dns_answer(const unsigned char *query, const struct gb_question *question, enum gb_dns_code code, const unsigned char *address,
    unsigned char reply[GB_DNS_MAX_REPLY]);

#endif
