/*
 * What a sandbox has written: the upper layers of its overlays, which outlive every process that could see them: the
 * supervisor holds a descriptor of the file system. Runs in the supervisor.
 *
 * The layer's format is the kernel's: a character device 0/0 (or, where that was not possible, an empty file with the attribute
 * user.overlay.whiteout) stands for a deleted entry; a directory with the attribute user.overlay.opaque=y hides the lower one.
 */
#include "sandbox.h"
#include "compat.h"
#include "layers.h"
#include "protocol.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#define MAX_DEPTH 128

struct walk {
    struct gb_out *out;
    struct gb_error *error;
    const char *target; /* of the overlay */
    char path[4096];    /* relative to it */
    size_t length;
    int lower;          /* the lower layer's root, -1: gone */
};

static const char *kind_of(mode_t mode)
{
    return S_ISREG(mode) ? "file" : S_ISDIR(mode) ? "directory" : S_ISLNK(mode) ? "symlink" : "other";
}

static bool has_attribute(int dir, const char *name, const char *attribute)
{
    char path[64 + NAME_MAX], value[4];
    snprintf(path, sizeof path, "/proc/self/fd/%d/%s", dir, name);
    return lgetxattr(path, attribute, value, sizeof value) >= 0;
}

static bool is_whiteout(int dir, const char *name, const struct stat *status)
{
    if (S_ISCHR(status->st_mode))
        return status->st_rdev == makedev(0, 0);
    return S_ISREG(status->st_mode) && status->st_size == 0 && has_attribute(dir, name, "user.overlay.whiteout");
}

static int put_change(struct walk *walk, const char *change, const struct stat *status)
{
    struct gb_out *out = walk->out;
    if (gb_out_frame_length(out) > GB_MAX_REPLY - 3 * sizeof walk->path)
        return gb_fail_with(walk->error, "changes", EFBIG, walk->target, "more changes than one answer holds");
    gb_out_text(out, "change", change);
    gb_out_text(out, "change.path", walk->path);
    gb_out_text(out, "change.target", walk->target);
    gb_out_text(out, "change.kind", kind_of(status->st_mode));
    gb_out_number(out, "change.size", S_ISDIR(status->st_mode) ? 0 : (uint64_t)status->st_size);
    gb_out_octal(out, "change.mode", status->st_mode & 07777);
    return 0;
}

/* The entry's status in the lower layer; whether there is one. */
static bool stat_lower(const struct walk *walk, struct stat *status)
{
    return walk->lower >= 0 && fstatat(walk->lower, walk->path, status, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Appends "/name" to the path; the length to go back to, or -1 where it is too long to be anything but a provocation. */
static ssize_t descend(struct walk *walk, const char *name)
{
    size_t before = walk->length, length = strlen(name);
    if (before + length + 2 > sizeof walk->path)
        return -1;
    if (before > 0)
        walk->path[walk->length++] = '/';
    memcpy(walk->path + walk->length, name, length + 1);
    walk->length += length;
    return (ssize_t)before;
}

static void ascend(struct walk *walk, ssize_t length)
{
    walk->length = (size_t)length;
    walk->path[walk->length] = '\0';
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Entries of the lower directory that an opaque upper one hides without replacing them. */
static int list_hidden(struct walk *walk, int upper)
{
    int dir = walk->lower < 0 ? -1
        : openat(walk->lower, walk->length > 0 ? walk->path : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *list = dir < 0 ? NULL : fdopendir(dir);
    if (list == NULL)
        return 0;
    const struct dirent *entry;
    int result = 0;
    while (result == 0 && (entry = readdir(list)) != NULL) {
        struct stat status;
        if (is_dots(entry->d_name) || fstatat(upper, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0)
            continue;
        ssize_t before = descend(walk, entry->d_name);
        if (before < 0)
            continue;
        if (stat_lower(walk, &status))
            result = put_change(walk, "deleted", &status);
        ascend(walk, before);
    }
    closedir(list);
    return result;
}

static int list_directory(struct walk *walk, int dir, int depth);

/* The upper layer's entry `name` of `dir`, which walk->path names. */
static int list_entry(struct walk *walk, int dir, const char *name, int depth)
{
    struct stat upper, lower;
    if (fstatat(dir, name, &upper, AT_SYMLINK_NOFOLLOW) != 0)
        return gb_fail(walk->error, "changes", walk->path);
    bool existed = stat_lower(walk, &lower);
    if (is_whiteout(dir, name, &upper))
        return existed ? put_change(walk, "deleted", &lower) : 0;
    if (!S_ISDIR(upper.st_mode))
        return put_change(walk, existed ? "modified" : "created", &upper);
    /* A directory is in the upper layer as soon as anything below it is: alone that is no change. */
    bool same = existed && S_ISDIR(lower.st_mode) && (lower.st_mode & 07777) == (upper.st_mode & 07777);
    if (!same && put_change(walk, existed ? "modified" : "created", &upper) != 0)
        return -1;
    int below = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below < 0)
        return gb_fail(walk->error, "changes", walk->path);
    if (existed && S_ISDIR(lower.st_mode) && has_attribute(dir, name, "user.overlay.opaque") && list_hidden(walk, below) != 0) {
        close(below);
        return -1;
    }
    return list_directory(walk, below, depth - 1);
}

/* Closes `dir`. */
static int list_directory(struct walk *walk, int dir, int depth)
{
    DIR *list = fdopendir(dir);
    if (list == NULL) {
        close(dir);
        return gb_fail(walk->error, "changes", walk->path);
    }
    const struct dirent *entry;
    int result = 0;
    while (result == 0 && depth > 0 && (entry = readdir(list)) != NULL) {
        if (is_dots(entry->d_name))
            continue;
        ssize_t before = descend(walk, entry->d_name);
        if (before < 0)
            continue;
        result = list_entry(walk, dirfd(list), entry->d_name, depth);
        ascend(walk, before);
    }
    closedir(list);
    return result;
}

int gb_list_changes(const struct gb_sandbox *sandbox, struct gb_out *out, struct gb_error *error)
{
    for (unsigned i = 0; i < sandbox->overlay_count; i++) {
        struct walk walk = {.out = out, .error = error, .target = sandbox->overlays[i].target};
        int layer = gb_layers_open(sandbox, i);
        if (layer < 0)
            return gb_fail(error, "changes", walk.target);
        walk.lower = open(sandbox->overlays[i].source, O_PATH | O_DIRECTORY | O_CLOEXEC);
        int result = list_directory(&walk, layer, MAX_DEPTH);
        if (walk.lower >= 0)
            close(walk.lower);
        if (result != 0)
            return -1;
    }
    return 0;
}

/* ---- export ---- */

static int copy_file(int from, const struct stat *status, int directory, const char *name)
{
    int to = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (to < 0)
        return -1;
    ssize_t sent = 1;
    for (off_t left = status->st_size; left > 0 && sent > 0; left -= sent)
        sent = sendfile(to, from, NULL, left > 1 << 30 ? 1 << 30 : (size_t)left);
    int result = sent < 0 ? -1 : fchmod(to, status->st_mode & 07777);
    int saved = errno;
    if (close(to) != 0 && result == 0)
        return -1;
    errno = saved;
    return result;
}

static int copy_link(int layer, const char *path, int directory, const char *name)
{
    char link[4096];
    ssize_t length = readlinkat(layer, path, link, sizeof link - 1);
    if (length < 0)
        return -1;
    link[length] = '\0';
    return symlinkat(link, directory, name);
}

/* Nothing on the way may be a link: the layer's content is the test's. */
static int open_in_layer(int layer, const char *path, uint64_t flags)
{
    const struct gb_open_how how = {.flags = flags | O_NOFOLLOW | O_CLOEXEC, .resolve = GB_RESOLVE_BENEATH | GB_RESOLVE_NO_SYMLINKS};
    return gb_openat2(layer, path, &how);
}

static int export_one(int layer, const char *path, int directory, unsigned index)
{
    char name[16];
    snprintf(name, sizeof name, "%u", index);
    struct stat status;
    int entry = open_in_layer(layer, path, O_PATH);
    if (entry < 0)
        return -1;
    int result = fstat(entry, &status);
    if (result == 0 && S_ISLNK(status.st_mode)) {
        result = copy_link(entry, "", directory, name);
    } else if (result == 0 && S_ISREG(status.st_mode)) {
        int file = open_in_layer(layer, path, O_RDONLY);
        result = file < 0 ? -1 : copy_file(file, &status, directory, name);
        if (file >= 0)
            close(file);
    } else if (result == 0) {
        errno = EINVAL; /* a directory, a pipe … */
        result = -1;
    }
    int saved = errno;
    close(entry);
    errno = saved;
    return result;
}

int gb_export(const struct gb_sandbox *sandbox, const struct gb_request *request, struct gb_error *error)
{
    unsigned index = 0;
    while (index < sandbox->overlay_count && strcmp(sandbox->overlays[index].target, request->target) != 0)
        index++;
    if (index == sandbox->overlay_count)
        return gb_fail_with(error, "export", 0, request->target, "the sandbox has no overlay there");
    int directory = open(request->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return gb_fail(error, "export", request->directory);
    int exported = 0, layer = gb_layers_open(sandbox, index);
    if (layer < 0)
        exported = gb_fail(error, "export", request->target);
    const char *cursor = request->payload;
    struct gb_record record;
    while (exported >= 0 && gb_next_record(&cursor, request->payload_end, &record)) {
        if (!gb_key_is(&record, "path"))
            continue;
        if (export_one(layer, record.value, directory, (unsigned)exported) == 0)
            exported++;
        else
            exported = gb_fail(error, "export", record.value);
    }
    if (layer >= 0)
        close(layer);
    close(directory);
    return exported;
}
