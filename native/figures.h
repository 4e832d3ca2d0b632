/* The sandbox's own /proc/meminfo, kept true by the supervisor. */
#ifndef GLOVEBOX_FIGURES_H
#define GLOVEBOX_FIGURES_H

#include "decode.h"
#include "mount.h"

struct gb_field {
    uint32_t at, width; /* bytes */
};

struct gb_figures {
    bool shown; /* there is such a file in the sandbox */
    struct gb_name file;
    struct gb_field free, available;
};

/* Finds the file among the mounts of a create request. */
void gb_figures_find(struct gb_figures *figures, const struct gb_request *request);
/* `limit` and `used` in bytes; GB_UNSET: not known. Never fails: what cannot be written stays as it was. */
void gb_figures_tell(const struct gb_figures *figures, int scratch, uint64_t limit, uint64_t used);

#endif
