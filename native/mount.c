/*
 * The root of a sandbox, from a declarative list. Two phases, so that no entry can hide the source of another:
 *   1. prepare: every mount is made detached, while the host's tree is still as it was
 *   2. attach: each is put in its place, in order; a missing target is made where that touches nothing but the sandbox
 * A root that is the host's own `/` is used in place: the init's mount namespace is a copy already, so it suffices to
 * make all of it read-only at once, with no second copy and no pivot.
 */
#include "mount.h"
#include "compat.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define SAFE (GB_ATTR_NOSUID | GB_ATTR_NODEV)
/* Where the scratch file system is attached while mounts are prepared: overlayfs and bind mounts want attached sources. The place
 * exists on every host that can start a sandbox at all; nothing looks below it meanwhile. */
#define STAGING "/proc"
#define SKIPPED (-2)

int gb_new_filesystem(const char *type, const char *const *options, unsigned attributes, const char *stage, struct gb_error *error)
{
    int fs = gb_fsopen(type);
    if (fs < 0)
        return gb_fail(error, stage, type);
    int mount = -1;
    for (; options[0] != NULL; options += 2) {
        int command = options[1] == NULL ? GB_FSCONFIG_SET_FLAG : GB_FSCONFIG_SET_STRING;
        if (gb_fsconfig(fs, command, options[0], options[1]) != 0) {
            gb_fail(error, stage, options[0]);
            goto out;
        }
    }
    if (gb_fsconfig(fs, GB_FSCONFIG_CMD_CREATE, NULL, NULL) != 0 || (mount = gb_fsmount(fs, attributes)) < 0)
        gb_fail(error, stage, type);
out:
    close(fs);
    return mount;
}

int gb_set_attributes(int mount, uint64_t attributes, bool recursive, const char *stage, const char *path, struct gb_error *error)
{
    struct gb_mount_attr attr = {.attr_set = attributes};
    return gb_mount_setattr(mount, recursive ? AT_RECURSIVE : 0, &attr) == 0 ? 0 : gb_fail(error, stage, path);
}

static int clone_tree(int dir, const char *path, unsigned flags, const char *stage, struct gb_error *error)
{
    int mount = gb_open_tree(dir, path, GB_OPEN_TREE_CLONE | GB_OPEN_TREE_CLOEXEC | flags);
    return mount < 0 ? gb_fail(error, stage, path) : mount;
}

/* ---- phase 1 ---- */

static int make_scratch(const struct gb_request *request, struct gb_scratch *scratch, struct gb_error *error)
{
    char size[24], inodes[24];
    snprintf(size, sizeof size, "%llu", (unsigned long long)request->scratch_size);
    snprintf(inodes, sizeof inodes, "%llu", (unsigned long long)request->scratch_inodes);
    const char *options[] = {"size", size, "mode", "0755", request->scratch_inodes == GB_UNSET ? NULL : "nr_inodes", inodes, NULL};
    scratch->root = gb_new_filesystem("tmpfs", options, SAFE, "mount-scratch", error);
    if (scratch->root < 0)
        return -1;
    int staging = open(STAGING, O_PATH | O_CLOEXEC);
    struct stat status;
    if (staging < 0 || gb_move_mount(scratch->root, staging) != 0 || fstat(scratch->root, &status) != 0)
        return gb_fail(error, "mount-scratch", STAGING);
    close(staging);
    scratch->devices[scratch->device_count++] = status.st_dev;
    if (mkdirat(scratch->root, GB_MASK_DIRECTORY, 0555) != 0 || mknodat(scratch->root, GB_MASK_FILE, S_IFREG, 0) != 0)
        return gb_fail(error, "mount-scratch", GB_MASK_FILE);
    return 0;
}

static struct gb_name name_of(char kind, unsigned index)
{
    struct gb_name name;
    snprintf(name.text, sizeof name.text, "%c%u", kind, index);
    return name;
}

struct gb_name gb_scratch_file_name(unsigned index)
{
    return name_of('f', index);
}

static int scratch_directory(struct gb_scratch *scratch, unsigned index, unsigned mode, struct gb_error *error)
{
    struct gb_name name = name_of('s', index);
    if (mkdirat(scratch->root, name.text, mode) != 0)
        return gb_fail(error, "mount-scratch", name.text);
    return clone_tree(scratch->root, name.text, 0, "mount-scratch", error);
}

static int scratch_file(struct gb_scratch *scratch, unsigned index, const char *content, struct gb_error *error)
{
    struct gb_name name = name_of('f', index);
    int file = openat(scratch->root, name.text, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
    if (file < 0)
        return gb_fail(error, "mount-file", name.text);
    size_t length = strlen(content);
    ssize_t written = write(file, content, length);
    close(file);
    if (written < 0 || (size_t)written != length) {
        errno = written < 0 ? errno : ENOSPC;
        return gb_fail(error, "mount-file", name.text);
    }
    int mount = clone_tree(scratch->root, name.text, 0, "mount-file", error);
    if (mount >= 0 && gb_set_attributes(mount, GB_ATTR_RDONLY, false, "mount-file", name.text, error) != 0)
        return -1;
    return mount;
}

static int prepare_dev(struct gb_scratch *scratch, unsigned index, struct gb_error *error)
{
    struct gb_name name = name_of('s', index);
    if (mkdirat(scratch->root, name.text, 0755) != 0)
        return gb_fail(error, "mount-dev", name.text);
    int dir = openat(scratch->root, name.text, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    if (dir < 0)
        return gb_fail(error, "mount-dev", name.text);
    int result = gb_dev_fill(dir, error);
    close(dir);
    return result != 0 ? -1 : clone_tree(scratch->root, name.text, 0, "mount-dev", error);
}

/* Sources are real paths. What has become a symlink since they were resolved, perhaps by a test that may write there, is not followed: ELOOP. */
static int open_source(const char *path, uint64_t flags, const char *stage, struct gb_error *error)
{
    const struct gb_open_how how = {.flags = O_PATH | O_CLOEXEC | flags, .resolve = GB_RESOLVE_NO_SYMLINKS};
    int source = gb_openat2(AT_FDCWD, path, &how);
    return source < 0 ? gb_fail(error, stage, path) : source;
}

static int prepare_bind(const struct gb_mount *entry, struct gb_error *error)
{
    int source = open_source(entry->source, 0, "mount-bind", error);
    if (source < 0)
        return entry->optional && (error->number == ENOENT || error->number == ENOTDIR) ? SKIPPED : -1;
    int mount = gb_open_tree(source, "", GB_OPEN_TREE_CLONE | GB_OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
    if (mount < 0)
        return gb_fail(error, "mount-bind", entry->source);
    close(source);
    uint64_t attributes = SAFE | (entry->read_only ? GB_ATTR_RDONLY : 0);
    return gb_set_attributes(mount, attributes, true, "mount-bind", entry->source, error) != 0 ? -1 : mount;
}

static int prepare_overlay(const struct gb_mount *entry, const char *layers, struct gb_scratch *scratch, int lower, struct gb_error *error)
{
    if (scratch->overlay_count == GB_MAX_OVERLAYS)
        return gb_fail_with(error, "mount-overlay", 0, entry->source, "too many overlays");
    int mount = gb_overlay_prepare(lower, layers[0] != '\0' ? layers : STAGING, scratch->overlay_count, entry->source, error);
    struct stat status;
    if (mount < 0)
        return -1;
    if (fstat(mount, &status) != 0)
        return gb_fail(error, "mount-overlay", entry->source);
    scratch->overlay_count++;
    scratch->devices[scratch->device_count++] = status.st_dev;
    return mount;
}

/* SKIPPED where there is nothing to show. */
static int prepare_cgroup(struct gb_scratch *scratch, unsigned index, const struct gb_cgroup_view *view, struct gb_error *error)
{
    if (view->version == 2) {
        int mount = gb_cgroup_prepare();
        return mount < 0 ? SKIPPED : mount;
    }
    if (view->count == 0)
        return SKIPPED;
    struct gb_name name = name_of('s', index);
    if (mkdirat(scratch->root, name.text, 0755) != 0)
        return gb_fail(error, "mount-cgroup", name.text);
    int dir = openat(scratch->root, name.text, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    if (dir < 0 || gb_cgroup_fill(dir, view) != 0)
        return gb_fail(error, "mount-cgroup", name.text);
    close(dir);
    return clone_tree(scratch->root, name.text, 0, "mount-cgroup", error);
}

static bool is_host_root(const struct gb_mount *entry)
{
    return entry->type == GB_M_BIND && strcmp(entry->source, "/") == 0 && strcmp(entry->target, "/") == 0;
}

/* What needs the host's tree uncovered: sources of binds and overlays, device nodes, what procfs says of cgroups. */
static int prepare_from_host(const struct gb_request *request, int cgroup, int *mounts, int devices[GB_DEVICES], struct gb_cgroup_view *view,
    struct gb_error *error)
{
    bool has_dev = false;
    for (unsigned i = 0; i < request->mount_count; i++) {
        const struct gb_mount *entry = &request->mounts[i];
        mounts[i] = SKIPPED;
        if (entry->type == GB_M_BIND && !is_host_root(entry)) {
            mounts[i] = prepare_bind(entry, error);
        } else if (entry->type == GB_M_OVERLAY) {
            mounts[i] = open_source(entry->source, O_DIRECTORY, "mount-overlay", error);
        } else if (entry->type == GB_M_DEV) {
            if (has_dev)
                return gb_fail_with(error, "mount-dev", 0, entry->target, "a sandbox has one /dev");
            has_dev = true;
            if (gb_dev_prepare(devices, error) != 0)
                return -1;
        } else if (entry->type == GB_M_CGROUP) {
            gb_cgroup_view_read(view, cgroup, request->limits.cpuset[0] != '\0');
        }
        if (mounts[i] == -1)
            return -1;
    }
    return 0;
}

/* What lies in the scratch file system, and procfs. */
static int prepare_own(const struct gb_request *request, const char *layers, const struct gb_cgroup_view *view, int *mounts,
    struct gb_scratch *scratch, struct gb_error *error)
{
    for (unsigned i = 0; i < request->mount_count; i++) {
        const struct gb_mount *entry = &request->mounts[i];
        int lower;
        switch (entry->type) {
        case GB_M_BIND:
        case GB_M_MASK: /* made when its target's kind is known */
            continue;
        case GB_M_OVERLAY:
            lower = mounts[i];
            mounts[i] = prepare_overlay(entry, layers, scratch, lower, error);
            close(lower);
            break;
        case GB_M_SCRATCH:
            mounts[i] = scratch_directory(scratch, i, entry->mode, error);
            break;
        case GB_M_FILE:
            mounts[i] = scratch_file(scratch, i, entry->content, error);
            break;
        case GB_M_PROC:
            mounts[i] = gb_proc_prepare(error);
            break;
        case GB_M_DEV:
            mounts[i] = prepare_dev(scratch, i, error);
            break;
        case GB_M_CGROUP:
            mounts[i] = prepare_cgroup(scratch, i, view, error);
            break;
        }
        if (mounts[i] >= 0 || mounts[i] == SKIPPED)
            continue;
        if (entry->type != GB_M_OVERLAY) /* names within the scratch file system would tell nobody anything */
            snprintf(error->path, sizeof error->path, "%s", entry->target);
        return -1;
    }
    return 0;
}

/* ---- phase 2 ---- */

static int open_below(int root, const char *path)
{
    const struct gb_open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = GB_RESOLVE_IN_ROOT | GB_RESOLVE_NO_MAGICLINKS};
    return gb_openat2(root, path, &how);
}

static bool is_own(const struct gb_scratch *scratch, int dir)
{
    struct stat status;
    if (fstat(dir, &status) != 0)
        return false;
    for (unsigned i = 0; i < scratch->device_count; i++) {
        if (scratch->devices[i] == status.st_dev)
            return true;
    }
    return false;
}

static int make_one(int parent, const char *name, bool directory)
{
    if (directory)
        return mkdirat(parent, name, 0755);
    int file = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    return file < 0 ? -1 : close(file);
}

/* Opens `target` below the root. What is missing of it is made in the sandbox's own file systems; elsewhere that would write to the
 * host, so it stays missing: ENOENT. */
static int open_target(int root, const struct gb_scratch *scratch, const char *target, bool directory)
{
    int fd = open_below(root, target);
    if (fd >= 0 || errno != ENOENT)
        return fd;
    char path[4096];
    size_t length = strlen(target);
    if (length >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(path, target, length + 1);
    int parent = open_below(root, "/");
    for (char *at = path; parent >= 0;) {
        char *name = at + strspn(at, "/");
        char *end = name + strcspn(name, "/");
        if (name == end)
            return parent;
        bool last = end[strspn(end, "/")] == '\0';
        char kept = *end;
        *end = '\0';
        fd = open_below(root, path);
        if (fd < 0 && errno == ENOENT && is_own(scratch, parent) && make_one(parent, name, directory || !last) == 0)
            fd = open_below(root, path);
        *end = kept;
        at = end;
        int saved = errno;
        close(parent);
        errno = saved;
        parent = fd;
    }
    return -1;
}

static int make_mask(const struct gb_scratch *scratch, bool directory, struct gb_error *error)
{
    const char *name = directory ? GB_MASK_DIRECTORY : GB_MASK_FILE;
    int mount = clone_tree(scratch->root, name, 0, "mount-mask", error);
    return mount >= 0 && gb_set_attributes(mount, GB_ATTR_RDONLY, false, "mount-mask", name, error) != 0 ? -1 : mount;
}

static bool is_directory(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
}

static const char *const stages[] = {"mount-bind", "mount-overlay", "mount-scratch", "mount-mask", "mount-file", "mount-proc", "mount-dev",
    "mount-cgroup"};

static int attach(int root, const struct gb_mount *entry, int mount, struct gb_scratch *scratch, const int devices[GB_DEVICES],
    const struct gb_cgroup_view *view, struct gb_error *error)
{
    const char *stage = stages[entry->type];
    bool mask = entry->type == GB_M_MASK, cgroup = entry->type == GB_M_CGROUP;
    int target = mask || cgroup ? open_below(root, entry->target) : open_target(root, scratch, entry->target, is_directory(mount));
    if (target < 0) {
        bool missing = errno == ENOENT || errno == ENOTDIR || errno == EROFS || errno == EACCES;
        return (entry->optional || cgroup) && missing ? 0 : gb_fail(error, stage, entry->target);
    }
    if (mask && (mount = make_mask(scratch, is_directory(target), error)) < 0)
        return -1;
    if (gb_move_mount(mount, target) != 0)
        return gb_fail(error, stage, entry->target);
    close(target);
    int result = entry->type == GB_M_PROC && !scratch->bare_proc ? gb_proc_protect(mount, scratch->root, error)
        : entry->type == GB_M_DEV ? gb_dev_attach(mount, devices, error)
        : 0;
    if (cgroup && view->version == 1)
        gb_cgroup_attach(mount, view);
    close(mount);
    return result;
}

/* The first entry's place, returned as a descriptor of the new root; `*in_place` when it is `/` already. */
static int begin_root(const struct gb_mount *entry, int mount, bool *in_place, struct gb_error *error)
{
    *in_place = is_host_root(entry);
    if (*in_place) {
        int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        uint64_t attributes = SAFE | (entry->read_only ? GB_ATTR_RDONLY : 0);
        if (root < 0)
            return gb_fail(error, "mount-root", "/");
        return gb_set_attributes(root, attributes, true, "mount-root", "/", error) != 0 ? -1 : root;
    }
    if (strcmp(entry->target, "/") != 0 || (entry->type != GB_M_BIND && entry->type != GB_M_OVERLAY))
        return gb_fail_with(error, "mount-root", 0, entry->target, "the first mount is not a bind or overlay with target /");
    int place = open(entry->source, O_PATH | O_CLOEXEC);
    if (place < 0 || gb_move_mount(mount, place) != 0)
        return gb_fail(error, "mount-root", entry->source);
    close(place);
    return mount;
}

/* The root became read-only with all that is attached to it, so with the scratch file system, too, in which the supervisor keeps files
 * up to date. To the sandbox it is out of reach: below its /proc. */
static int keep_writable(const struct gb_scratch *scratch, struct gb_error *error)
{
    struct gb_mount_attr attr = {.attr_clr = GB_ATTR_RDONLY};
    return gb_mount_setattr(scratch->root, 0, &attr) == 0 ? 0 : gb_fail(error, "mount-scratch", STAGING);
}

static int finish_root(int root, struct gb_error *error)
{
    if (fchdir(root) != 0)
        return gb_fail(error, "pivot-root", "/");
    if (syscall(SYS_pivot_root, ".", ".") == 0) {
        if (umount2(".", MNT_DETACH) != 0)
            return gb_fail(error, "pivot-root", "/");
    } else if (errno != EINVAL || mount(".", "/", NULL, MS_MOVE, NULL) != 0 || chroot(".") != 0) {
        /* An initial ramdisk's root cannot be pivoted away, only covered. */
        return gb_fail(error, "pivot-root", "/");
    }
    return 0;
}

/* The supervisor's own procfs, which shows every sandbox, must not stay in view where the list has nothing for /proc. */
static int hide_proc(const struct gb_request *request, int root, struct gb_scratch *scratch, struct gb_error *error)
{
    for (unsigned i = 0; i < request->mount_count; i++) {
        if (strcmp(request->mounts[i].target, "/proc") == 0)
            return 0;
    }
    const struct gb_mount mask = {.type = GB_M_MASK, .target = "/proc"};
    return attach(root, &mask, -1, scratch, NULL, NULL, error);
}

int gb_mount_root(const struct gb_request *request, const char *layers, bool bare_proc, int cgroup, struct gb_scratch *scratch,
    struct gb_error *error)
{
    int mounts[GB_MAX_MOUNTS], devices[GB_DEVICES];
    bool in_place;
    struct gb_cgroup_view view = {0};
    *scratch = (struct gb_scratch){.root = -1, .bare_proc = bare_proc};
    if (prepare_from_host(request, cgroup, mounts, devices, &view, error) != 0 || make_scratch(request, scratch, error) != 0
        || prepare_own(request, layers, &view, mounts, scratch, error) != 0)
        return -1;

    int root = begin_root(&request->mounts[0], mounts[0], &in_place, error);
    if (root < 0 || keep_writable(scratch, error) != 0)
        return -1;
    for (unsigned i = 1; i < request->mount_count; i++) {
        if (mounts[i] == SKIPPED && request->mounts[i].type != GB_M_MASK)
            continue;
        if (attach(root, &request->mounts[i], mounts[i], scratch, devices, &view, error) != 0)
            return -1;
    }
    if (in_place ? hide_proc(request, root, scratch, error) : finish_root(root, error))
        return -1;
    close(root);
    return chdir("/") == 0 ? 0 : gb_fail(error, "pivot-root", "/");
}
