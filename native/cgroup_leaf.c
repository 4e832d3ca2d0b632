/*
 * cgroup v2 lets a cgroup other than the real root either hold processes or give its children controllers such as memory, not
 * both. So the processes beside us (the runner, its shell) move into a leaf, and back when the last supervisor has gone.
 * Callers hold the lock on `dir`, so that one supervisor does not leave while another arrives.
 */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ATTEMPTS 20 /* processes may be born while others are being moved */

static int switch_controller(int dir, char sign, const char *name)
{
    struct gb_text text = {.length = 1, .bytes = {sign}};
    gb_text_add(&text, name);
    return gb_cg_write(dir, "cgroup.subtree_control", &text);
}

/* Bits of the controllers that the children of `dir` have; `*wanted`: those that they could have. */
static unsigned read_controllers(int dir, const struct gb_cg_table *table, unsigned *wanted)
{
    char available[256] = "", enabled[256] = "";
    unsigned mask = *wanted = 0;
    gb_cg_read(dir, "cgroup.controllers", available, sizeof available);
    gb_cg_read(dir, "cgroup.subtree_control", enabled, sizeof enabled);
    for (int c = 0; c < GB_C_COUNT; c++) {
        const char *name = table->names[c];
        if (name && gb_cg_has_word(available, name))
            *wanted |= 1u << c;
        if (name && gb_cg_has_word(enabled, name))
            mask |= 1u << c;
    }
    return mask;
}

/* One by one: a kernel or a parent that refuses one must not cost us the others. Returns whether processes were in the way. */
static bool enable(int dir, const struct gb_cg_table *table, unsigned missing)
{
    bool busy = false;
    for (int c = 0; c < GB_C_COUNT; c++)
        if ((missing >> c & 1) && switch_controller(dir, '+', table->names[c]) < 0 && errno == EBUSY)
            busy = true;
    return busy;
}

unsigned gb_cg_enable(int dir, const struct gb_cg_table *table, bool may_move)
{
    unsigned wanted, have = read_controllers(dir, table, &wanted), unused;
    if (!(wanted & ~have))
        return have;
    bool is_root = faccessat(dir, "cgroup.type", F_OK, 0) < 0;
    if (!may_move || is_root) {
        enable(dir, table, wanted & ~have);
        return read_controllers(dir, table, &unused);
    }
    /* Move before enabling anything: cpu and pids would be granted beside processes, but turn `dir` into a thread root, whose other
     * children then take no process. */
    if (mkdirat(dir, GB_CG_LEAF, 0755) < 0 && errno != EEXIST)
        return have;
    int leaf = openat(dir, GB_CG_LEAF, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool busy = true;
    for (int attempt = 0; leaf >= 0 && busy && attempt < ATTEMPTS; attempt++)
        busy = gb_cg_move_all(dir, leaf) < 0 || enable(dir, table, wanted & ~have);
    if (leaf >= 0)
        close(leaf);
    if (busy)
        gb_cg_leave_leaf(dir);
    return read_controllers(dir, table, &unused);
}

static int is_not_leaf(int dir, const char *name, void *context)
{
    (void)dir;
    (void)context;
    return strcmp(name, GB_CG_LEAF) != 0;
}

void gb_cg_leave_leaf(int dir)
{
    int leaf = openat(dir, GB_CG_LEAF, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (leaf < 0)
        return;
    /* somebody else's cgroups, or another supervisor's base, still want the controllers */
    if (!gb_cg_each_child(dir, is_not_leaf, NULL)) {
        char enabled[256] = "", *rest = NULL;
        gb_cg_read(dir, "cgroup.subtree_control", enabled, sizeof enabled);
        for (char *name = strtok_r(enabled, " \n", &rest); name; name = strtok_r(NULL, " \n", &rest))
            switch_controller(dir, '-', name);
        for (int attempt = 0; attempt < ATTEMPTS && gb_cg_move_all(leaf, dir) > 0; attempt++)
            ;
        unlinkat(dir, GB_CG_LEAF, AT_REMOVEDIR);
    }
    close(leaf);
}
