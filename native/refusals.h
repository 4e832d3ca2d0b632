#ifndef GLOVEBOX_REFUSALS_H
#define GLOVEBOX_REFUSALS_H

#include <stdbool.h>

/* Of a process that resolves names, the init's or the forwarder's: true the first time that a name is refused, and only so often that
 * memory stays bounded. */
bool gb_refusal_is_new(const char *name);

#endif
