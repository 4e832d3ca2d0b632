/* Which CPUs a sandbox with a quota of CPU time runs on. Nothing fails here: the quota holds in any case. */
#ifndef GLOVEBOX_AFFINITY_H
#define GLOVEBOX_AFFINITY_H

#include "sandbox.h"

/* For a quota and period in microseconds, GB_UNSET: none. */
void gb_affinity_choose(const struct gb_supervisor *supervisor, struct gb_sandbox *sandbox, uint64_t quota, uint64_t period);
/* Again, when a worker that was forked elsewhere has entered. */
void gb_affinity_apply(const struct gb_sandbox *sandbox);

#endif
