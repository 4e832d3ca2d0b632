#include "stream.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* At most so much of each direction is in this process; beyond it the sender waits. */
#define CHUNK 131072
/* Chunks of one direction in a row, so that one stream does not starve the others. */
#define TURNS 8
/* Retries of an unanswered connection: about 15 seconds. */
#define SYN_RETRIES 3

static unsigned char buffer[CHUNK];

void gb_watch_for(int epoll, struct gb_watch *watch, uint32_t events)
{
    if (watch->events == events || watch->fd < 0)
        return;
    struct epoll_event event = {.events = events, .data.ptr = watch};
    int operation = watch->events == 0 ? EPOLL_CTL_ADD : events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
    if (epoll_ctl(epoll, operation, watch->fd, &event) == 0)
        watch->events = events;
}

struct gb_stream *gb_stream_new(void *route, uint16_t port, int client)
{
    struct gb_stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL)
        return NULL;
    stream->route = route;
    stream->port = port;
    stream->probe = client < 0;
    stream->inner = (struct gb_end){.watch = {.what = GB_W_END, .fd = client}, .stream = stream};
    stream->outer = (struct gb_end){.watch = {.what = GB_W_END, .fd = -1}, .stream = stream};
    return stream;
}

static void close_end(int epoll, struct gb_end *end)
{
    gb_watch_for(epoll, &end->watch, 0);
    if (end->watch.fd >= 0)
        close(end->watch.fd);
    end->watch.fd = -1;
    free(end->pending);
    end->pending = NULL;
}

void gb_stream_close(int epoll, struct gb_stream *stream, bool reset)
{
    if (stream->dead)
        return;
    const struct linger hard = {.l_onoff = 1};
    const int ends[] = {stream->inner.watch.fd, stream->outer.watch.fd};
    for (int i = 0; i < 2 && reset; i++) {
        if (ends[i] >= 0)
            setsockopt(ends[i], SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    }
    close_end(epoll, &stream->inner);
    close_end(epoll, &stream->outer);
    stream->dead = true;
}

/* What can be written goes out at once; an end is read only while nothing waits for the other. */
static void watch_ends(int epoll, struct gb_stream *stream)
{
    struct gb_end *const ends[] = {&stream->inner, &stream->outer};
    for (int i = 0; i < 2; i++) {
        struct gb_end *end = ends[i], *other = ends[1 - i];
        bool readable = !end->ended && other->pending == NULL;
        gb_watch_for(epoll, &end->watch, (readable ? (uint32_t)EPOLLIN : 0) | (end->pending != NULL ? (uint32_t)EPOLLOUT : 0));
    }
}

/* -1: the end has failed; else the bytes that it took. */
static ssize_t put(int fd, const unsigned char *bytes, size_t length)
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

static bool keep(struct gb_end *end, const unsigned char *bytes, size_t length)
{
    end->pending = malloc(length);
    if (end->pending == NULL)
        return false;
    memcpy(end->pending, bytes, length);
    end->pending_length = length;
    end->pending_sent = 0;
    return true;
}

/* Sends what waits for this end; false: it has failed. */
static bool flush(struct gb_end *end)
{
    if (end->pending == NULL)
        return true;
    ssize_t sent = put(end->watch.fd, end->pending + end->pending_sent, end->pending_length - end->pending_sent);
    if (sent < 0)
        return false;
    end->pending_sent += (size_t)sent;
    if (end->pending_sent == end->pending_length) {
        free(end->pending);
        end->pending = NULL;
    }
    return true;
}

/* From one end to the other, until one of them has to be waited for; false: one has failed. */
static bool carry(struct gb_end *from, struct gb_end *to)
{
    for (int turn = 0; turn < TURNS && !from->ended && to->pending == NULL; turn++) {
        ssize_t got = recv(from->watch.fd, buffer, sizeof buffer, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (got < 0)
            return false;
        if (got == 0) {
            from->ended = true;
            break;
        }
        ssize_t sent = to->watch.fd < 0 ? got : put(to->watch.fd, buffer, (size_t)got);
        if (sent < 0 || (sent < got && !keep(to, buffer + sent, (size_t)(got - sent))))
            return false;
    }
    if (from->ended && to->pending == NULL && !to->closed) {
        to->closed = true;
        if (to->watch.fd >= 0)
            shutdown(to->watch.fd, SHUT_WR); /* a half-close: the other direction goes on */
    }
    return true;
}

static enum gb_progress move(int epoll, struct gb_stream *stream)
{
    struct gb_end *inner = &stream->inner, *outer = &stream->outer;
    bool well = flush(inner) && flush(outer) && carry(inner, outer) && carry(outer, inner);
    if (well && !(inner->closed && outer->closed)) {
        watch_ends(epoll, stream);
        return GB_GOES_ON;
    }
    gb_stream_close(epoll, stream, !well);
    return GB_OVER;
}

/* ---- connecting ---- */

static int begin_connect(const struct sockaddr_storage *address, uint16_t port)
{
    union {
        struct sockaddr_storage storage;
        struct sockaddr plain;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } target = {.storage = *address};
    int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), retries = SYN_RETRIES, on = 1;
    if (fd < 0)
        return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &retries, sizeof retries);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (address->ss_family == AF_INET)
        target.v4.sin_port = htons(port);
    else
        target.v6.sin6_port = htons(port);
    socklen_t length = address->ss_family == AF_INET ? sizeof target.v4 : sizeof target.v6;
    if (connect(fd, &target.plain, length) == 0 || errno == EINPROGRESS)
        return fd;
    close(fd);
    return -1;
}

enum gb_progress gb_stream_connect(int epoll, struct gb_stream *stream)
{
    while (stream->tried < stream->addresses.count) {
        int fd = begin_connect(&stream->addresses.all[stream->tried++], stream->port);
        if (fd < 0)
            continue;
        stream->outer.watch.fd = fd;
        gb_watch_for(epoll, &stream->outer.watch, EPOLLOUT);
        return GB_GOES_ON;
    }
    gb_stream_close(epoll, stream, true);
    return GB_UNREACHABLE;
}

static enum gb_progress finish_connect(int epoll, struct gb_stream *stream)
{
    int failure = 0, on = 1;
    socklen_t size = sizeof failure;
    getsockopt(stream->outer.watch.fd, SOL_SOCKET, SO_ERROR, &failure, &size);
    if (failure != 0) {
        close_end(epoll, &stream->outer);
        return gb_stream_connect(epoll, stream);
    }
    stream->connected = true;
    if (stream->probe) { /* parts in peace: a reset would be an error to a server that greets its clients */
        stream->inner.ended = stream->outer.closed = true;
        shutdown(stream->outer.watch.fd, SHUT_WR);
        watch_ends(epoll, stream);
        return GB_CONNECTED;
    }
    setsockopt(stream->inner.watch.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch_ends(epoll, stream);
    return GB_CONNECTED;
}

enum gb_progress gb_stream_event(int epoll, struct gb_end *end, uint32_t events)
{
    struct gb_stream *stream = end->stream;
    (void)events; /* what it says, the system calls say more exactly */
    if (stream->dead)
        return GB_GOES_ON;
    return stream->connected ? move(epoll, stream) : finish_connect(epoll, stream);
}
