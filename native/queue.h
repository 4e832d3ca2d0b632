/*
 * What has been read from one end of a stream and not yet been taken by the other: what did not fit into its socket, and what an emulated
 * line has not delivered yet.
 */
#ifndef GLOVEBOX_QUEUE_H
#define GLOVEBOX_QUEUE_H

#include "stream.h"

struct gb_chunk {
    struct gb_chunk *next;
    uint64_t due; /* microseconds of CLOCK_MONOTONIC, 0: at once */
    size_t length, sent;
    unsigned char bytes[];
};

uint64_t gb_now_us(void);
/* When the line has carried `length` bytes that come now to `end`: 0 without emulation. */
uint64_t gb_line_due(const struct gb_emulation *line, struct gb_end *end, size_t length);
/* False: no memory. */
bool gb_queue_put(struct gb_end *end, const unsigned char *bytes, size_t length, uint64_t due);
/* Sends what is due; false: the end has failed. */
bool gb_queue_flush(struct gb_end *end);
/* Whether something waits for its time, as opposed to room in the socket. */
bool gb_queue_is_late(const struct gb_end *end);
void gb_queue_drop(struct gb_end *end);
/* -1: the socket has failed; else the bytes that it took. */
ssize_t gb_put(int fd, const unsigned char *bytes, size_t length);

#endif
