/* Replies, errors and events, queued until the control socket takes them: the supervisor never blocks on core. */
#ifndef GLOVEBOX_ENCODE_H
#define GLOVEBOX_ENCODE_H

#include "supervisor.h"

struct gb_out {
    unsigned char *bytes;
    size_t sent, length, capacity;
    size_t frame; /* where the frame that is being written begins */
};

/* One frame: begin, fields, end; or begin, fields, cancel. */
void gb_out_begin(struct gb_out *out, const char *type);
void gb_out_text(struct gb_out *out, const char *key, const char *value);
void gb_out_number(struct gb_out *out, const char *key, uint64_t value);
void gb_out_octal(struct gb_out *out, const char *key, unsigned value);
/* Nothing when the value is GB_UNSET. */
void gb_out_measure(struct gb_out *out, const char *key, uint64_t value);
/* Records that are already in wire format. */
void gb_out_records(struct gb_out *out, const char *records, size_t length);
void gb_out_end(struct gb_out *out);
void gb_out_cancel(struct gb_out *out);
size_t gb_out_frame_length(const struct gb_out *out);

static inline bool gb_out_pending(const struct gb_out *out)
{
    return out->sent < out->length;
}

/* Sends as much as the socket takes now. -1: the peer is gone. */
int gb_out_flush(struct gb_out *out, int socket);

#endif
