#include "encode.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST_CAPACITY 16384

/* A supervisor that cannot queue an answer is of no use to anybody: it ends, and everything below it. */
static unsigned char *reserve(struct gb_out *out, size_t more)
{
    if (out->length + more > out->capacity) {
        size_t capacity = out->capacity == 0 ? FIRST_CAPACITY : out->capacity;
        while (out->length + more > capacity)
            capacity *= 2;
        void *bytes = out->bytes == NULL
            ? mmap(NULL, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            : mremap(out->bytes, out->capacity, capacity, MREMAP_MAYMOVE);
        if (bytes == MAP_FAILED)
            _exit(GB_EXIT_BROKEN);
        out->bytes = bytes;
        out->capacity = capacity;
    }
    unsigned char *at = out->bytes + out->length;
    out->length += more;
    return at;
}

void gb_out_begin(struct gb_out *out, const char *type)
{
    out->frame = out->length;
    reserve(out, 4);
    gb_out_text(out, "type", type);
}

void gb_out_text(struct gb_out *out, const char *key, const char *value)
{
    size_t key_length = strlen(key), value_length = strlen(value);
    unsigned char *at = reserve(out, key_length + value_length + 2);
    memcpy(at, key, key_length);
    at[key_length] = '=';
    memcpy(at + key_length + 1, value, value_length + 1);
}

static void put_digits(struct gb_out *out, const char *key, uint64_t value, unsigned base)
{
    char digits[24];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + value % base);
        value /= base;
    } while (value > 0);
    gb_out_text(out, key, digits + at);
}

void gb_out_number(struct gb_out *out, const char *key, uint64_t value)
{
    put_digits(out, key, value, 10);
}

void gb_out_octal(struct gb_out *out, const char *key, unsigned value)
{
    put_digits(out, key, value, 8);
}

void gb_out_measure(struct gb_out *out, const char *key, uint64_t value)
{
    if (value != GB_UNSET)
        gb_out_number(out, key, value);
}

void gb_out_records(struct gb_out *out, const char *records, size_t length)
{
    if (length > 0)
        memcpy(reserve(out, length), records, length);
}

size_t gb_out_frame_length(const struct gb_out *out)
{
    return out->length - out->frame - 4;
}

void gb_out_end(struct gb_out *out)
{
    size_t length = gb_out_frame_length(out);
    for (unsigned i = 0; i < 4; i++)
        out->bytes[out->frame + i] = (unsigned char)(length >> (8 * i));
}

void gb_out_cancel(struct gb_out *out)
{
    out->length = out->frame;
}

int gb_out_flush(struct gb_out *out, int socket)
{
    while (gb_out_pending(out)) {
        ssize_t sent = send(socket, out->bytes + out->sent, out->length - out->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
        out->sent += (size_t)sent;
    }
    out->sent = out->length = 0;
    if (out->capacity > FIRST_CAPACITY) { /* a long list of changes is not kept */
        munmap(out->bytes, out->capacity);
        out->bytes = NULL;
        out->capacity = 0;
    }
    return 0;
}
