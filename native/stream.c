#include "queue.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* At most so much of each direction is in this process; beyond it the sender waits. On an emulated line, more is under way. */
#define CHUNK 131072
#define UNDER_WAY (8 * CHUNK)
/* Chunks of one direction in a row, so that one stream does not starve the others. */
#define TURNS 8
/* Retries of an unanswered connection: about 15 seconds. */
#define SYN_RETRIES 3

static unsigned char buffer[CHUNK];
static struct gb_emulation line;
static struct gb_stream *late_streams;

void gb_streams_emulate(const struct gb_emulation *emulation)
{
    line = *emulation;
}

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
    gb_queue_drop(end);
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

static bool has_room(const struct gb_end *end)
{
    return gb_emulates_packets(&line) ? end->queued < UNDER_WAY : end->first == NULL;
}

/* What can be written goes out at once; an end is read only while the other has room. */
static void watch_ends(int epoll, struct gb_stream *stream)
{
    struct gb_end *const ends[] = {&stream->inner, &stream->outer};
    for (int i = 0; i < 2; i++) {
        struct gb_end *end = ends[i], *other = ends[1 - i];
        bool readable = !end->ended && has_room(other), late = gb_queue_is_late(end), full = end->first != NULL && !late;
        gb_watch_for(epoll, &end->watch, (readable ? (uint32_t)EPOLLIN : 0) | (full ? (uint32_t)EPOLLOUT : 0));
        if (late && !stream->late) {
            stream->late = true;
            stream->next_late = late_streams;
            late_streams = stream;
        }
    }
}

static uint64_t due_of(const struct gb_stream *stream)
{
    uint64_t inner = stream->inner.first == NULL ? UINT64_MAX : stream->inner.first->due;
    uint64_t outer = stream->outer.first == NULL ? UINT64_MAX : stream->outer.first->due;
    return inner < outer ? inner : outer;
}

struct gb_stream *gb_streams_late(void)
{
    uint64_t now = late_streams == NULL ? 0 : gb_now_us();
    for (struct gb_stream **at = &late_streams; *at != NULL;) {
        struct gb_stream *stream = *at;
        if (!stream->dead && due_of(stream) > now) {
            at = &stream->next_late;
            continue;
        }
        *at = stream->next_late;
        stream->late = false;
        if (!stream->dead)
            return stream;
    }
    return NULL;
}

int gb_streams_wait(void)
{
    uint64_t next = UINT64_MAX, now;
    for (const struct gb_stream *stream = late_streams; stream != NULL; stream = stream->next_late) {
        if (due_of(stream) < next)
            next = due_of(stream);
    }
    if (next == UINT64_MAX)
        return -1;
    now = gb_now_us();
    return next <= now ? 0 : next - now > 60000000 ? 60000 : (int)((next - now) / 1000) + 1;
}

/* To be read at once: on a slow line, as much as it carries in a moment. */
static size_t portion(void)
{
    uint64_t moment = line.bandwidth / 50;
    return line.bandwidth == 0 || moment > CHUNK ? CHUNK : moment < 1024 ? 1024 : (size_t)moment;
}

/* From one end to the other, until one of them has to be waited for; false: one has failed. */
static bool carry(struct gb_end *from, struct gb_end *to)
{
    for (int turn = 0; turn < TURNS && !from->ended && has_room(to); turn++) {
        ssize_t got = recv(from->watch.fd, buffer, portion(), MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (got < 0)
            return false;
        if (got == 0) {
            from->ended = true;
            got = 0;
        }
        uint64_t due = gb_line_due(&line, to, (size_t)got);
        ssize_t sent = to->watch.fd < 0 ? got : due > 0 ? 0 : gb_put(to->watch.fd, buffer, (size_t)got);
        if (sent < 0 || ((sent < got || due > 0) && to->watch.fd >= 0 && !gb_queue_put(to, buffer + sent, (size_t)(got - sent), due)))
            return false;
    }
    if (from->ended && to->first == NULL && !to->closed) {
        to->closed = true;
        if (to->watch.fd >= 0)
            shutdown(to->watch.fd, SHUT_WR); /* a half-close: the other direction goes on */
    }
    return true;
}

enum gb_progress gb_stream_move(int epoll, struct gb_stream *stream)
{
    struct gb_end *inner = &stream->inner, *outer = &stream->outer;
    bool well = gb_queue_flush(inner) && gb_queue_flush(outer) && carry(inner, outer) && carry(outer, inner);
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
    return stream->connected ? gb_stream_move(epoll, stream) : finish_connect(epoll, stream);
}
