/* How the root of a sandbox is built. All of it runs in the init. */
#ifndef GLOVEBOX_MOUNT_H
#define GLOVEBOX_MOUNT_H

#include "decode.h"

#define GB_MAX_OVERLAYS 8
#define GB_DEVICES 6
#define GB_CGROUP_VIEWS 4

/* What masks show, in the scratch file system: an empty directory, an empty file without permissions. */
#define GB_MASK_DIRECTORY "empty"
#define GB_MASK_FILE "nothing"

/* The sandbox's private file system, and what else it may make missing targets in. */
struct gb_scratch {
    int root;                           /* of the tmpfs */
    dev_t devices[1 + GB_MAX_OVERLAYS]; /* st_dev of the tmpfs and of each overlay */
    unsigned device_count;
    unsigned overlay_count;
    bool bare_proc;
};

/* A name within the scratch file system: "s3" is the directory of the fourth mount, "f3" its file. */
struct gb_name {
    char text[16];
};
struct gb_name gb_scratch_file_name(unsigned index);

/* Which cgroups the sandbox can be shown as its own. */
struct gb_cgroup_view {
    int version;                          /* 0: none */
    unsigned count;                       /* v1: hierarchies, by their controllers: "cpu,cpuacct" */
    char controllers[GB_CGROUP_VIEWS][48];
};

/* Makes all mounts of a create request; afterwards `/` is the sandbox's root. `layers`: directory for the upper layers of overlays, "": the
 * scratch file system. `bare_proc`: nothing of procfs is covered; only then does the kernel let namespaces below this one mount theirs. `cgroup`: the version of the cgroups that sandboxes have, 0: none. */
int gb_mount_root(const struct gb_request *request, const char *layers, bool bare_proc, int cgroup, struct gb_scratch *scratch,
    struct gb_error *error);

/* ---- the special file systems, mount_special.c: each in two steps, detached and then in place ---- */

/* devices: clones of the host's nodes, made before anything covers /dev. */
int gb_dev_prepare(int devices[GB_DEVICES], struct gb_error *error);
/* `dev` is an empty directory of the scratch file system: fills it with links and mount points. */
int gb_dev_fill(int dev, struct gb_error *error);
/* `dev` is the directory in its place. */
int gb_dev_attach(int dev, const int devices[GB_DEVICES], struct gb_error *error);
int gb_proc_prepare(struct gb_error *error);
/* `proc` is the procfs in its place: makes the system-wide files in it read-only or covers them. */
int gb_proc_protect(int proc, int scratch, struct gb_error *error);
/* While /proc is there: finds out what there is to show; `version` of the sandbox's cgroups, and whether it has a cpuset of its own. */
void gb_cgroup_view_read(struct gb_cgroup_view *view, int version, bool cpuset);
/* v2: the mount, detached; -1 where the kernel refuses it. */
int gb_cgroup_prepare(void);
/* v1: `dir` is an empty directory of the scratch file system: fills it with mount points. */
int gb_cgroup_fill(int dir, const struct gb_cgroup_view *view);
/* v1: `dir` is the directory in its place. Hierarchies that the kernel refuses are left out. */
void gb_cgroup_attach(int dir, const struct gb_cgroup_view *view);
/* A detached overlay of the directory `lower` whose upper layer is `o<index>/upper` in the directory `layers`. `path` is for errors. */
int gb_overlay_prepare(int lower, const char *layers, unsigned index, const char *path, struct gb_error *error);

/* ---- small steps shared by these files ---- */

/* A new instance of a file system, detached; options are key, value (NULL: a flag) pairs ended by NULL. */
int gb_new_filesystem(const char *type, const char *const *options, unsigned attributes, const char *stage, struct gb_error *error);
int gb_set_attributes(int mount, uint64_t attributes, bool recursive, const char *stage, const char *path, struct gb_error *error);

#endif
