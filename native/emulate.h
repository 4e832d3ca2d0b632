#ifndef GLOVEBOX_EMULATE_H
#define GLOVEBOX_EMULATE_H

#include "policy.h"

/* init, once the loopback is up. Makes it as slow and lossy as that; ENOENT where the kernel has no emulator, so that the forwarder has to do
 * as much as it can. */
int gb_emulate(const struct gb_emulation *emulation, struct gb_error *error);

#endif
