#ifndef GLOVEBOX_REFUSALS_H
#define GLOVEBOX_REFUSALS_H

#include <stdbool.h>
#include <stdint.h>

/* Of a process that resolves names, the init's or the forwarder's: true the first time that a name is refused, and only so often that
 * memory stays bounded. */
bool gb_refusal_is_new(const char *name);
/* Now: CLOCK_MONOTONIC, microseconds. Tests are told apart by it, since what tells of them takes another way. */
uint64_t gb_refusal_time(void);

#endif
