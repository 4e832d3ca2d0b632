/* One connection that is carried from a sandbox to a target outside, both ways. */
#ifndef GLOVEBOX_STREAM_H
#define GLOVEBOX_STREAM_H

#include "lookup.h"
#include "policy.h"

/* What an epoll event is for: the first member of everything that is watched. */
enum gb_watched { GB_W_INIT, GB_W_RESOLVER, GB_W_LISTENER, GB_W_LOOKUP, GB_W_END };

struct gb_watch {
    enum gb_watched what;
    int fd;
    uint32_t events; /* watched for now; 0: not in the epoll set */
};

/* Sets what a descriptor is watched for. */
void gb_watch_for(int epoll, struct gb_watch *watch, uint32_t events);

struct gb_stream;

struct gb_chunk; /* queue.h */

struct gb_end {
    struct gb_watch watch;
    struct gb_stream *stream;
    struct gb_chunk *first, *last; /* read from the other end, not yet taken by this one */
    size_t queued;                 /* bytes of them */
    uint64_t free_at;              /* when the emulated line to this end has carried them, microseconds */
    bool ended;                    /* it has sent all that it will */
    bool closed;                   /* and has been told that the other has */
};

struct gb_stream {
    struct gb_end inner, outer; /* of the sandbox; of the target */
    void *route;                /* who made it */
    uint16_t port;              /* of the target */
    struct gb_addresses addresses;
    unsigned tried;             /* of the addresses */
    bool probe;                 /* it has no client: it only tries whether the target answers */
    bool settled;               /* all that the client had to say has been passed on */
    bool connected, dead;
    struct gb_stream *next;     /* in a list of its route, or of those to be freed */
    struct gb_stream *next_late; /* in the list of those with something that is not due yet */
    bool late;                  /* it is in that list */
};

/* Every stream from now on is as slow and lossy as that. */
void gb_streams_emulate(const struct gb_emulation *emulation);

/* `client`: the accepted connection, or -1 for a probe. NULL: no memory. */
struct gb_stream *gb_stream_new(void *route, uint16_t port, int client);

enum gb_progress {
    GB_GOES_ON,
    GB_CONNECTED,   /* just now */
    GB_UNREACHABLE, /* no address answered: the client has been reset */
    GB_OVER,        /* both ends are done, or one has failed */
};

/* Tries the next address; `addresses` must be filled in. */
enum gb_progress gb_stream_connect(int epoll, struct gb_stream *stream);
/* After an event at one of its ends. Once over, or unreachable, its descriptors are closed and it is `dead`. */
enum gb_progress gb_stream_event(int epoll, struct gb_end *end, uint32_t events);
/* One of the streams of which something has become due, NULL: none. Move it by gb_stream_move(). */
struct gb_stream *gb_streams_late(void);
enum gb_progress gb_stream_move(int epoll, struct gb_stream *stream);
/* Milliseconds until the next one, -1: none waits for its time. */
int gb_streams_wait(void);
/* `reset`: the client learns that something went wrong. */
void gb_stream_close(int epoll, struct gb_stream *stream, bool reset);

#endif
