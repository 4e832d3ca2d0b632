/*
 * The run directory: `glovebox-*`, private, made by core for its sockets and exports. Its lock says that a supervisor uses
 * it; a marker file says that it is one of ours, so that nothing else that is called glovebox-something is ever removed.
 */
#include "sandbox.h"
#include "compat.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#define PREFIX "glovebox-"
#define MARKER ".glovebox-run"
#define STALE_SECONDS 10 /* longer than a start takes between making and locking the directory */

static int open_directory(int at, const char *path)
{
    return openat(at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Everything below `dir`, which is closed. Links are removed, never followed; `depth` bounds the recursion. */
static void remove_contents(int dir, int depth)
{
    DIR *list = fdopendir(dir);
    if (list == NULL) {
        close(dir);
        return;
    }
    const struct dirent *entry;
    while ((entry = readdir(list)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (unlinkat(dirfd(list), entry->d_name, 0) == 0 || errno == ENOENT || depth == 0)
            continue;
        int below = open_directory(dirfd(list), entry->d_name);
        if (below < 0 && errno == EACCES && fchmodat(dirfd(list), entry->d_name, 0700, 0) == 0) /* overlayfs leaves such */
            below = open_directory(dirfd(list), entry->d_name);
        if (below >= 0)
            remove_contents(below, depth - 1);
        unlinkat(dirfd(list), entry->d_name, AT_REMOVEDIR);
    }
    closedir(list);
}

void gb_remove_tree(int at, const char *name)
{
    int dir = open_directory(at, name);
    if (dir < 0)
        return;
    remove_contents(dir, 32);
    unlinkat(at, name, AT_REMOVEDIR);
}

static bool is_private(int dir)
{
    struct stat status;
    return fstat(dir, &status) == 0 && status.st_uid == geteuid() && (status.st_mode & 077) == 0;
}

/* Whether `name` is a marked directory of this user that nobody has locked, and old enough to be nobody's that is just starting. */
static bool is_stale(int parent, const char *name)
{
    struct stat status;
    int dir = open_directory(parent, name);
    if (dir < 0)
        return false;
    bool stale = is_private(dir) && fstat(dir, &status) == 0 && status.st_mtime + STALE_SECONDS < time(NULL)
        && faccessat(dir, MARKER, F_OK, AT_SYMLINK_NOFOLLOW) == 0
        && flock(dir, LOCK_EX | LOCK_NB) == 0;
    close(dir);
    return stale;
}

static void sweep(int parent, const char *own)
{
    int copy = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = copy < 0 ? NULL : fdopendir(copy);
    if (list == NULL)
        return;
    const struct dirent *entry;
    while ((entry = readdir(list)) != NULL) {
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0 && strcmp(entry->d_name, own) != 0 && is_stale(parent, entry->d_name))
            gb_remove_tree(parent, entry->d_name);
    }
    closedir(list);
}

/* Opens the directory that holds `path`; `*name` is the last component. */
static int open_parent(const char *path, const char **name)
{
    char parent[4096];
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - path);
    if (length == 0 || length >= sizeof parent || strncmp(slash + 1, PREFIX, strlen(PREFIX)) != 0) {
        errno = EINVAL;
        return -1;
    }
    memcpy(parent, path, length);
    parent[length] = '\0';
    *name = slash + 1;
    return open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int gb_run_dir_claim(const char *path, struct gb_error *error)
{
    const char *name;
    int parent = open_parent(path, &name);
    if (parent < 0)
        return gb_fail(error, "run-directory", path);
    int dir = open_directory(parent, name);
    if (dir >= 0 && !is_private(dir)) {
        close(dir);
        close(parent);
        return gb_fail_with(error, "run-directory", EPERM, path, "it is not a directory of this user's alone (mode 0700)");
    }
    int marker = dir < 0 ? -1 : openat(dir, MARKER, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (marker < 0 || flock(dir, LOCK_EX | LOCK_NB) != 0) {
        gb_fail(error, "run-directory", path);
        if (dir >= 0)
            close(dir);
        dir = -1;
    } else {
        sweep(parent, name);
    }
    if (marker >= 0)
        close(marker);
    close(parent);
    return dir;
}

void gb_run_dir_remove(const char *path)
{
    const char *name;
    int parent = open_parent(path, &name);
    if (parent < 0)
        return;
    gb_remove_tree(parent, name);
    close(parent);
}
