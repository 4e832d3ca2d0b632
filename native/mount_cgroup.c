/*
 * The sandbox's own cgroups where programs look up their limits: libuv (process.constrainedMemory, os.availableParallelism), the JVM, Go.
 * Mounted in the sandbox's cgroup namespace, so that its own cgroup is the root of each, and read-only always. That it is shown is a
 * courtesy: where the kernel refuses, the sandbox goes without.
 */
#include "mount.h"
#include "compat.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define ATTRIBUTES (GB_ATTR_RDONLY | GB_ATTR_NOSUID | GB_ATTR_NODEV | GB_ATTR_NOEXEC)

/* Whether one of the controllers whose limits programs look up is in the list; each hierarchy costs a sandbox 50 us. */
static bool is_wanted(const char *controllers, bool cpuset)
{
    static const char *const wanted[] = {"memory", "cpu", "pids", "cpuset"};
    size_t count = sizeof wanted / sizeof wanted[0] - !cpuset;
    char list[64];
    snprintf(list, sizeof list, "%s", controllers);
    for (char *rest = list, *one; (one = strsep(&rest, ",")) != NULL;) {
        for (size_t i = 0; i < count; i++) {
            if (strcmp(one, wanted[i]) == 0)
                return true;
        }
    }
    return false;
}

/* A hierarchy of v1 is mounted by all its controllers, so those of the line: "4:cpu,cpuacct:/". */
void gb_cgroup_view_read(struct gb_cgroup_view *view, int version, bool cpuset)
{
    *view = (struct gb_cgroup_view){.version = version};
    FILE *file = version == 1 ? fopen("/proc/self/cgroup", "re") : NULL;
    if (file == NULL)
        return;
    char line[4200];
    while (view->count < GB_CGROUP_VIEWS && fgets(line, sizeof line, file) != NULL) {
        char *rest = line;
        strsep(&rest, ":");
        const char *controllers = strsep(&rest, ":");
        if (controllers != NULL && strlen(controllers) < sizeof view->controllers[0] && is_wanted(controllers, cpuset))
            strcpy(view->controllers[view->count++], controllers);
    }
    fclose(file);
}

int gb_cgroup_prepare(void)
{
    static const char *const options[] = {NULL};
    struct gb_error ignored;
    return gb_new_filesystem("cgroup2", options, ATTRIBUTES, "mount-cgroup", &ignored);
}

int gb_cgroup_fill(int dir, const struct gb_cgroup_view *view)
{
    for (unsigned i = 0; i < view->count; i++) {
        const char *all = view->controllers[i];
        if (mkdirat(dir, all, 0555) != 0)
            return -1;
        if (strchr(all, ',') == NULL)
            continue;
        char list[sizeof view->controllers[0]];
        strcpy(list, all);
        for (char *rest = list, *one; (one = strsep(&rest, ",")) != NULL;) {
            if (symlinkat(all, dir, one) != 0)
                return -1;
        }
    }
    return 0;
}

static int mount_hierarchy(const char *controllers)
{
    char list[48];
    const char *options[2 * sizeof list / 2 + 2];
    unsigned count = 0;
    snprintf(list, sizeof list, "%s", controllers);
    for (char *rest = list, *one; (one = strsep(&rest, ",")) != NULL;) {
        options[count++] = one;
        options[count++] = NULL;
    }
    options[count] = NULL;
    struct gb_error ignored;
    return gb_new_filesystem("cgroup", options, ATTRIBUTES, "mount-cgroup", &ignored);
}

void gb_cgroup_attach(int dir, const struct gb_cgroup_view *view)
{
    struct gb_error ignored;
    for (unsigned i = 0; i < view->count; i++) {
        int target = openat(dir, view->controllers[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
        int mount = target < 0 ? -1 : mount_hierarchy(view->controllers[i]);
        if (mount >= 0) {
            gb_move_mount(mount, target);
            close(mount);
        }
        if (target >= 0)
            close(target);
    }
    gb_set_attributes(dir, GB_ATTR_RDONLY, false, "mount-cgroup", "/", &ignored);
}
