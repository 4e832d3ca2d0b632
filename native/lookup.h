/* Names to addresses, as the host has them. */
#ifndef GLOVEBOX_LOOKUP_H
#define GLOVEBOX_LOOKUP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define GB_MAX_ADDRESSES 8

struct gb_addresses {
    unsigned count;
    struct sockaddr_storage all[GB_MAX_ADDRESSES]; /* without port */
};

/* An address, or `localhost`, which is the host's loopback whatever its files say; false for anything else, and nothing is changed. */
bool gb_lookup_literal(const char *host, struct gb_addresses *addresses);

/*
 * Anything else is asked of `getent`, a program of every C library: the executable is linked statically, so that it cannot load what
 * the host's nsswitch.conf may ask for, and a lookup takes as long as it likes without holding up anything.
 */
struct gb_lookup {
    pid_t pid;
    int output; /* readable when there is something to read; -1: none under way */
    size_t length;
    char text[2048];
};

int gb_lookup_start(struct gb_lookup *lookup, const char *host);
/* Reads what there is; true once that was all, with the addresses found. */
bool gb_lookup_read(struct gb_lookup *lookup, struct gb_addresses *addresses);

#endif
