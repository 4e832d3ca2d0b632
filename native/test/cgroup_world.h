/* What the cgroup tests share: a base of their own, groups with members, and reading files back. */
#ifndef GLOVEBOX_CGROUP_WORLD_H
#define GLOVEBOX_CGROUP_WORLD_H

#include "../cgroup.h"
#include "tap.h"

#define MIB (UINT64_C(1) << 20)

/* The base of the running case; closed at its end, whatever that is. Skips the case where no cgroup can be used. */
extern struct gb_cgroup_base base;
void open_base(void);
/* Both steps of making one. */
void make_base(struct gb_cgroup_base *made);
void needs(enum gb_controller controller);

struct gb_limits no_limits(void);
struct gb_usage no_usage(void);
/* Fails the case when it cannot be created. */
struct gb_cgroup make_group(const char *name, const struct gb_limits *limits);
/* Same, expecting failure. */
struct gb_error refused_group(const char *name, const struct gb_limits *limits);

/* A child that has joined the group before it runs `act`; it ends with what act returns. */
pid_t member(struct gb_cgroup *group, int (*act)(void *), void *context);
/* Its wait status. */
int wait_for(pid_t pid);
/* Waits for a member that sleeps (act: sleep_forever), killing it first. */
void end_member(pid_t pid);
int sleep_forever(void *unused);

/* Content of a file of the group, without the last newline. */
const char *content(const struct gb_cgroup *group, enum gb_controller controller, const char *file);
/* The value for this version of cgroups. */
const char *v1_or_v2(const char *v1, const char *v2);
/* Directories named `glovebox.*` where the base lies, in the first hierarchy that there is. */
int count_bases(void);
int count_fds(void);
bool is_alive(pid_t pid);

/* A scratch cgroup per v1 hierarchy around the whole program, so that other Glovebox processes on this machine do not meddle. */
void enter_scratch(void);
void leave_scratch(void);
/* Removes what a crashed case left. */
void sweep(void);

#endif
