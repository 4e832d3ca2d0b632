/*
 * The run directory: `glovebox-*`, private, made by core for its sockets and exports. Its lock says that a supervisor uses
 * it; a marker file says that it is one of ours, so that nothing else that is called glovebox-something is ever removed. The marker goes
 * last: whoever removes a directory may be killed meanwhile, and what is left must be known to the next sweep.
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
#define STALE_SECONDS 10   /* longer than a start takes between making and locking the directory */
#define EMPTY_SECONDS 3600 /* without a marker it may be that of another program, which is about to use it */

static int open_directory(int at, const char *path)
{
    return openat(at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Everything below `dir`, which is closed, but the entry `keep` (NULL: none) of `dir` itself; whether all of that is gone. Links are
 * removed, never followed; `depth` bounds the recursion. */
static bool remove_contents(int dir, const char *keep, int depth)
{
    DIR *list = fdopendir(dir);
    if (list == NULL) {
        close(dir);
        return false;
    }
    bool all = true;
    const struct dirent *entry;
    while ((entry = readdir(list)) != NULL) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || (keep != NULL && strcmp(name, keep) == 0))
            continue;
        if (unlinkat(dirfd(list), name, 0) == 0 || errno == ENOENT)
            continue;
        int below = depth == 0 ? -1 : open_directory(dirfd(list), name);
        if (below < 0 && errno == EACCES && fchmodat(dirfd(list), name, 0700, 0) == 0) /* overlayfs leaves such */
            below = open_directory(dirfd(list), name);
        if (below >= 0)
            remove_contents(below, NULL, depth - 1);
        all &= unlinkat(dirfd(list), name, AT_REMOVEDIR) == 0 || errno == ENOENT;
    }
    closedir(list);
    return all;
}

void gb_remove_tree(int at, const char *name)
{
    int dir = open_directory(at, name);
    if (dir < 0)
        return;
    remove_contents(dir, NULL, 32);
    unlinkat(at, name, AT_REMOVEDIR);
}

static void remove_run_dir(int parent, const char *name)
{
    int dir = open_directory(parent, name);
    if (dir < 0)
        return;
    int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (copy >= 0 && remove_contents(copy, MARKER, 32))
        unlinkat(dir, MARKER, 0);
    close(dir);
    unlinkat(parent, name, AT_REMOVEDIR);
}

static bool is_private(int dir)
{
    struct stat status;
    return fstat(dir, &status) == 0 && status.st_uid == geteuid() && (status.st_mode & 077) == 0;
}

/* Its maker, or its remover, was killed between the directory and the marker: with nothing in it, nothing can be lost. */
static bool is_empty(int dir)
{
    int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = copy < 0 ? NULL : fdopendir(copy);
    if (list == NULL)
        return false;
    int entries = 0;
    while (entries <= 2 && readdir(list) != NULL)
        entries++;
    closedir(list);
    return entries <= 2; /* "." and ".." */
}

/* Whether `name` is a marked or empty directory of this user that nobody has locked, and old enough to be nobody's that is just starting. */
static bool is_stale(int parent, const char *name)
{
    struct stat status;
    int dir = open_directory(parent, name);
    if (dir < 0)
        return false;
    bool marked = faccessat(dir, MARKER, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    bool stale = is_private(dir) && (marked || is_empty(dir)) && fstat(dir, &status) == 0
        && status.st_mtime + (marked ? STALE_SECONDS : EMPTY_SECONDS) < time(NULL) && flock(dir, LOCK_EX | LOCK_NB) == 0;
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
            remove_run_dir(parent, entry->d_name);
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
    remove_run_dir(parent, name);
    close(parent);
}
