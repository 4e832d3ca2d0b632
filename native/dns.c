#include "dns.h"

#include <string.h>

#define HEADER 12
#define CLASS_IN 1

static char host_letter(unsigned char byte)
{
    if (byte >= 'A' && byte <= 'Z')
        return (char)(byte - 'A' + 'a');
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' ? (char)byte : '?';
}

bool gb_dns_parse(const unsigned char *query, size_t length, struct gb_question *question)
{
    if (length < HEADER || length > GB_DNS_MAX_QUERY)
        return false;
    bool is_query = !(query[2] & 0x80) && !(query[2] & 0x78); /* QR, opcode */
    if (!is_query || query[4] != 0 || query[5] != 1)
        return false;
    size_t at = HEADER, used = 0;
    while (at < length && query[at] != 0) {
        size_t label = query[at++];
        if (label > 63 || at + label > length || used + label + 1 >= sizeof question->name) /* above 63: a pointer, of no use here */
            return false;
        if (used > 0)
            question->name[used++] = '.';
        for (size_t i = 0; i < label; i++)
            question->name[used++] = host_letter(query[at++]);
    }
    question->name[used] = '\0';
    if (at + 5 > length)
        return false;
    question->type = (uint16_t)(query[at + 1] << 8 | query[at + 2]);
    question->end = at + 5;
    return query[at + 3] == 0 && query[at + 4] == CLASS_IN;
}

bool gb_dns_is_local(const char *name)
{
    static const char local[] = ".localhost";
    size_t length = strlen(name), suffix = sizeof local - 1;
    return strcmp(name, local + 1) == 0 || (length > suffix && strcmp(name + length - suffix, local) == 0);
}

size_t gb_dns_answer(const unsigned char *query, const struct gb_question *question, enum gb_dns_code code, const unsigned char *address,
    unsigned char reply[GB_DNS_MAX_REPLY])
{
    memcpy(reply, query, question->end);
    reply[2] = (unsigned char)(0x80 | (query[2] & 0x01)); /* a response; recursion was desired */
    reply[3] = (unsigned char)(0x80 | code);              /* recursion is available */
    memset(reply + 6, 0, 6);                              /* no answer, authority, additional record */
    if (address == NULL)
        return question->end;
    reply[7] = 1;
    /* the name: where the question has it; A, IN, TTL 0: asked again each time; 4 bytes */
    static const unsigned char record[12] = {0xc0, HEADER, 0, GB_DNS_A, 0, CLASS_IN, 0, 0, 0, 0, 0, 4};
    memcpy(reply + question->end, record, sizeof record);
    memcpy(reply + question->end + sizeof record, address, 4);
    return question->end + sizeof record + 4;
}
