/* Making namespaces and filling in their maps. */
#ifndef GLOVEBOX_NAMESPACE_H
#define GLOVEBOX_NAMESPACE_H

#include "supervisor.h"

/* relay or supervisor. Like fork, with CLONE_* flags for new namespaces and, if not -1, straight into a v2 cgroup.
 * Returns the child's pid and its *pidfd; 0 in the child. */
pid_t gb_clone(uint64_t flags, int cgroup, int *pidfd);

/* How the ids of a new user namespace map to those of the current one. */
struct gb_id_map {
    bool full; /* every id that is mapped here, to itself; else one id */
    uid_t uid_inside, uid_outside;
    gid_t gid_inside, gid_outside;
};

/* The map of a caller with these ids: full if it may have one. */
struct gb_id_map gb_id_map_of_caller(void);

/* relay or supervisor. Writes the maps of the child's new user namespace. */
int gb_write_id_map(pid_t child, const struct gb_id_map *map, struct gb_error *error);

/* init. A new time namespace, for it and its children; offsets in seconds. */
int gb_enter_time(int64_t monotonic, int64_t boottime, struct gb_error *error);

/* init. Brings up the loopback device and lets everybody bind the low ports of the new network namespace. */
int gb_network_up(struct gb_error *error);

/* relay, supervisor or init. Writes a short text to an existing file; -1 and errno. */
int gb_write_file(int dir, const char *path, const char *text, size_t length);

#endif
