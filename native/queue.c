#include "queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

#define PACKET 1448    /* bytes of a TCP segment on Ethernet */
#define RESEND 200000  /* microseconds after which TCP sends a lost packet again */

uint64_t gb_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static bool is_lost(uint32_t loss_ppm)
{
    static uint64_t state;
    while (state == 0) {
        if (getrandom(&state, sizeof state, 0) != (ssize_t)sizeof state)
            state = gb_now_us();
    }
    state ^= state << 13; /* xorshift64 */
    state ^= state >> 7;
    state ^= state << 17;
    return state % 1000000 < loss_ppm;
}

/* A lost packet is late by as long as TCP takes to notice; and so is what comes behind it. */
uint64_t gb_line_due(const struct gb_emulation *line, struct gb_end *end, size_t length)
{
    if (!gb_emulates_packets(line))
        return 0;
    uint64_t now = gb_now_us(), late = (uint64_t)line->latency_ms * 1000;
    if (end->free_at < now)
        end->free_at = now;
    if (line->bandwidth > 0)
        end->free_at += (uint64_t)length * 1000000 / line->bandwidth;
    uint64_t due = end->free_at + late;
    for (size_t sent = 0; sent < length && line->loss_ppm > 0; sent += PACKET) {
        while (line->loss_ppm < 1000000 && is_lost(line->loss_ppm))
            due += RESEND + 2 * late;
        if (line->loss_ppm == 1000000)
            due = UINT64_MAX; /* never */
    }
    return end->last != NULL && end->last->due > due ? end->last->due : due;
}

ssize_t gb_put(int fd, const unsigned char *bytes, size_t length)
{
    size_t sent = 0;
    while (sent < length) {
        ssize_t wrote = send(fd, bytes + sent, length - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return errno == EAGAIN ? (ssize_t)sent : -1;
        sent += (size_t)wrote;
    }
    return (ssize_t)sent;
}

bool gb_queue_put(struct gb_end *end, const unsigned char *bytes, size_t length, uint64_t due)
{
    struct gb_chunk *chunk = malloc(sizeof *chunk + length);
    if (chunk == NULL)
        return false;
    *chunk = (struct gb_chunk){.due = due, .length = length};
    memcpy(chunk->bytes, bytes, length);
    if (end->last != NULL)
        end->last->next = chunk;
    else
        end->first = chunk;
    end->last = chunk;
    end->queued += length;
    return true;
}

static void drop_first(struct gb_end *end)
{
    struct gb_chunk *chunk = end->first;
    end->first = chunk->next;
    if (end->first == NULL)
        end->last = NULL;
    end->queued -= chunk->length;
    free(chunk);
}

bool gb_queue_flush(struct gb_end *end)
{
    uint64_t now = end->last != NULL && end->last->due != 0 ? gb_now_us() : 0; /* dues only grow */
    while (end->first != NULL && end->first->due <= now) {
        struct gb_chunk *chunk = end->first;
        ssize_t sent = gb_put(end->watch.fd, chunk->bytes + chunk->sent, chunk->length - chunk->sent);
        if (sent < 0)
            return false;
        chunk->sent += (size_t)sent;
        if (chunk->sent < chunk->length)
            return true;
        drop_first(end);
    }
    return true;
}

bool gb_queue_is_late(const struct gb_end *end)
{
    return end->first != NULL && end->first->due != 0 && end->first->due > gb_now_us();
}

void gb_queue_drop(struct gb_end *end)
{
    while (end->first != NULL)
        drop_first(end);
}
