#include "layers.h"
#include "compat.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#define FOLDER "layers" /* in the run directory */

static bool holds_attributes(int directory)
{
    return fsetxattr(directory, "user.overlay.glovebox", "y", 1, 0) == 0;
}

static bool tmpfs_holds_attributes(void)
{
    static const char *const options[] = {NULL};
    struct gb_error ignored;
    int tmpfs = gb_new_filesystem("tmpfs", options, GB_ATTR_NOSUID | GB_ATTR_NODEV, "layers", &ignored);
    int root = tmpfs < 0 ? -1 : openat(tmpfs, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool holds = root >= 0 && holds_attributes(root);
    if (root >= 0)
        close(root);
    if (tmpfs >= 0)
        close(tmpfs);
    return holds;
}

/* overlayfs takes no upper layer on itself, which is what a container's disk often is. */
static bool disk_holds_layers(int run_dir)
{
    struct statfs status;
    if (fstatfs(run_dir, &status) != 0 || status.f_type == OVERLAYFS_SUPER_MAGIC || mkdirat(run_dir, FOLDER, 0700) != 0)
        return false;
    int folder = openat(run_dir, FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool holds = folder >= 0 && holds_attributes(folder);
    if (folder >= 0)
        close(folder);
    return holds;
}

enum gb_layers gb_layers_detect(int run_dir)
{
    return tmpfs_holds_attributes() ? GB_LAYERS_MEMORY : disk_holds_layers(run_dir) ? GB_LAYERS_DISK : GB_LAYERS_LIMITED;
}

const char *gb_layers_name(enum gb_layers layers)
{
    static const char *const names[] = {[GB_LAYERS_MEMORY] = "memory", [GB_LAYERS_DISK] = "disk", [GB_LAYERS_LIMITED] = "limited"};
    return names[layers];
}

int gb_layers_make(const struct gb_supervisor *supervisor, struct gb_sandbox *sandbox, char path[GB_LAYERS_PATH_SIZE], struct gb_error *error)
{
    path[0] = '\0';
    if (supervisor->layers != GB_LAYERS_DISK || sandbox->overlay_count == 0)
        return 0;
    snprintf(path, GB_LAYERS_PATH_SIZE, "%s/" FOLDER "/%s", supervisor->run_path, sandbox->name);
    if (mkdir(path, 0700) != 0)
        return gb_fail(error, "mount-overlay", path);
    sandbox->layers = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return sandbox->layers >= 0 ? 0 : gb_fail(error, "mount-overlay", path);
}

int gb_layers_open(const struct gb_sandbox *sandbox, unsigned index)
{
    char name[32];
    snprintf(name, sizeof name, "o%u/upper", index);
    int base = sandbox->layers >= 0 ? sandbox->layers : sandbox->scratch;
    return openat(base, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void gb_layers_remove(const struct gb_supervisor *supervisor, const struct gb_sandbox *sandbox)
{
    if (sandbox->layers < 0)
        return;
    close(sandbox->layers);
    char name[96];
    snprintf(name, sizeof name, FOLDER "/%s", sandbox->name);
    gb_remove_tree(supervisor->run_dir, name);
}
