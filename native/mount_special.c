/* The file systems that a sandbox's root needs besides files: /dev, /proc, overlays. See mount.h for the order of the steps. */
#include "mount.h"
#include "compat.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* ---- /dev ---- */

static const char *const device_names[GB_DEVICES] = {"null", "zero", "full", "random", "urandom", "tty"};

int gb_dev_prepare(int devices[GB_DEVICES], struct gb_error *error)
{
    int host = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (host < 0)
        return gb_fail(error, "mount-dev", "/dev");
    for (int i = 0; i < GB_DEVICES; i++) {
        devices[i] = gb_open_tree(host, device_names[i], GB_OPEN_TREE_CLONE | GB_OPEN_TREE_CLOEXEC);
        if (devices[i] < 0)
            return gb_fail(error, "mount-dev", device_names[i]);
    }
    close(host);
    return 0;
}

int gb_dev_fill(int dev, struct gb_error *error)
{
    static const char *const links[][2] = {{"fd", "/proc/self/fd"}, {"stdin", "/proc/self/fd/0"}, {"stdout", "/proc/self/fd/1"},
        {"stderr", "/proc/self/fd/2"}, {"ptmx", "pts/ptmx"}};
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        if (symlinkat(links[i][1], dev, links[i][0]) != 0)
            return gb_fail(error, "mount-dev", links[i][0]);
    }
    for (int i = 0; i < GB_DEVICES; i++) {
        if (mknodat(dev, device_names[i], S_IFREG | 0444, 0) != 0)
            return gb_fail(error, "mount-dev", device_names[i]);
    }
    if (mkdirat(dev, "pts", 0755) != 0 || mkdirat(dev, "shm", 01777) != 0)
        return gb_fail(error, "mount-dev", "pts");
    return 0;
}

/* Attaches a detached mount at dir/name and closes it. */
static int attach_at(int mount, int dir, const char *name, const char *stage, struct gb_error *error)
{
    int target = openat(dir, name, O_PATH | O_CLOEXEC);
    if (target < 0 || gb_move_mount(mount, target) != 0)
        return gb_fail(error, stage, name);
    close(target);
    close(mount);
    return 0;
}

int gb_dev_attach(int dev, const int devices[GB_DEVICES], struct gb_error *error)
{
    for (int i = 0; i < GB_DEVICES; i++) {
        if (attach_at(devices[i], dev, device_names[i], "mount-dev", error) != 0)
            return -1;
    }
    static const char *const options[] = {"ptmxmode", "0666", "mode", "0620", NULL};
    int terminals = gb_new_filesystem("devpts", options, GB_ATTR_NOSUID | GB_ATTR_NOEXEC, "mount-devpts", error);
    return terminals < 0 ? -1 : attach_at(terminals, dev, "pts", "mount-devpts", error);
}

/* ---- /proc ---- */

int gb_proc_prepare(struct gb_error *error)
{
    static const char *const options[] = {NULL};
    return gb_new_filesystem("proc", options, GB_ATTR_NOSUID | GB_ATTR_NODEV | GB_ATTR_NOEXEC, "mount-proc", error);
}

/*
 * Files of procfs that belong to the whole machine ask for the global user id, not for capabilities: to them, root that is mapped
 * to itself is root still. What can be written becomes read-only; what tells root more than it tells others is covered.
 */
int gb_proc_protect(int proc, int scratch, struct gb_error *error)
{
    static const struct {
        const char *name;
        bool covered;
    } entries[] = {{"sys", false}, {"sysrq-trigger", false}, {"irq", false}, {"bus", false}, {"fs", false}, {"acpi", false},
        {"scsi", false}, {"asound", false}, {"driver", false}, {"kcore", true}, {"keys", true}, {"timer_list", true}, {"sched_debug", true},
        {"latency_stats", true}, {"kmsg", true}};
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        const char *name = entries[i].name;
        int target = openat(proc, name, O_PATH | O_CLOEXEC);
        if (target < 0 && errno == ENOENT)
            continue; /* depends on the kernel's configuration */
        int mount = gb_open_tree(entries[i].covered ? scratch : target, entries[i].covered ? GB_MASK_FILE : "",
            GB_OPEN_TREE_CLONE | GB_OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
        if (target < 0 || mount < 0)
            return gb_fail(error, "mount-proc", name);
        if (gb_set_attributes(mount, GB_ATTR_RDONLY, false, "mount-proc", name, error) != 0)
            return -1;
        if (gb_move_mount(mount, target) != 0)
            return gb_fail(error, "mount-proc", name);
        close(mount);
        close(target);
    }
    return 0;
}

/* ---- overlay ---- */

int gb_overlay_prepare(int lower, const char *layers, unsigned index, const char *path, struct gb_error *error)
{
    char layer[4400], upper[4416], work[4416];
    struct stat status;
    snprintf(layer, sizeof layer, "%s/o%u", layers, index);
    snprintf(upper, sizeof upper, "%s/upper", layer);
    snprintf(work, sizeof work, "%s/work", layer);
    if (fstat(lower, &status) != 0 || mkdir(layer, 0755) != 0 || mkdir(upper, 0755) != 0 || mkdir(work, 0755) != 0)
        return gb_fail(error, "mount-overlay", path);
    /* The merged root directory has the upper one's owner and mode. An owner that is not mapped stays the caller. */
    int ignored = chown(upper, status.st_uid, status.st_gid);
    (void)ignored;
    if (chmod(upper, status.st_mode & 07777) != 0 || fchdir(lower) != 0)
        return gb_fail(error, "mount-overlay", path);
    /* The lower layer goes by ".": a path would have to be escaped, and may be covered by now. */
    const char *options[] = {"lowerdir", ".", "upperdir", upper, "workdir", work, "userxattr", NULL, NULL};
    int mount = gb_new_filesystem("overlay", options, GB_ATTR_NOSUID | GB_ATTR_NODEV, "mount-overlay", error);
    if (mount < 0)
        gb_fail_with(error, "mount-overlay", error->number, path,
            error->number == EINVAL ? "overlayfs refuses the directory; other file systems mounted below it do that" : NULL);
    return mount;
}
