/*
 * Where this process is: /proc/self/cgroup names its cgroup in each hierarchy, /proc/self/mountinfo where that hierarchy is mounted
 * and from which of its directories (containers without a cgroup namespace mount only their own part).
 */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

struct membership {
    char *unified;             /* path in the v2 hierarchy, NULL: none */
    char *path[GB_C_COUNT];    /* path in the v1 hierarchy of that controller, NULL: none */
};

struct search {
    struct membership in;
    const struct gb_cg_table *v1;
    int v1_dir[GB_C_COUNT];
    char v1_path[256];
    int v2_dir;
    char v2_path[256];
    bool v2_leaf;
    char problem[256];
};

static void copy(char *to, size_t size, const char *from)
{
    size_t length = strlen(from);
    if (length >= size)
        length = size - 1;
    memcpy(to, from, length);
    to[length] = 0;
}

static bool in_list(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at += length)
        if ((at == list || at[-1] == ',') && (at[length] == 0 || at[length] == ','))
            return true;
    return false;
}

/* Lines `ID:CONTROLLERS:PATH`; cuts `text` into pieces. */
static void parse_membership(char *text, const struct gb_cg_table *v1, struct membership *in)
{
    for (char *line = text, *next; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        char *controllers = strchr(line, ':');
        char *path = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!path)
            continue;
        *controllers++ = 0;
        *path++ = 0;
        if (!*controllers && strcmp(line, "0") == 0)
            in->unified = path;
        for (int c = 0; c < GB_C_COUNT; c++)
            if (in_list(controllers, v1->names[c]))
                in->path[c] = path;
    }
}

/* mountinfo writes blanks, tabs, newlines and backslashes as octal. */
static void unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from;) {
        if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] && from[3]) {
            *to++ = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
            from += 4;
        } else {
            *to++ = *from++;
        }
    }
    *to = 0;
}

/* Opens the directory of cgroup `path` in a mount of `root` at `point`; NULL path or one outside the mount: -1. */
static int open_place(const char *point, const char *root, const char *path, char shown[256], char problem[256])
{
    if (strcmp(root, "/") != 0) {
        size_t length = strlen(root);
        if (strncmp(path, root, length) != 0 || (path[length] && path[length] != '/')) {
            copy(problem, 256, "this process's cgroup lies outside what is mounted");
            return -1;
        }
        path += length;
    }
    char full[PATH_MAX];
    if (strlen(point) + strlen(path) >= sizeof full)
        return -1;
    strcpy(stpcpy(full, point), strcmp(path, "/") == 0 ? "" : path);
    int dir = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct statfs fs;
    if (dir >= 0 && (fstatfs(dir, &fs) < 0 || (fs.f_type != CGROUP_SUPER_MAGIC && fs.f_type != CGROUP2_SUPER_MAGIC))) {
        close(dir); /* something else is mounted over it */
        errno = ENOENT;
        dir = -1;
    }
    if (dir < 0) {
        struct gb_text text = {0};
        gb_text_add(&text, full);
        gb_text_add(&text, ": ");
        gb_text_add(&text, strerror(errno));
        copy(problem, 256, text.bytes);
    } else {
        copy(shown, 256, full);
    }
    return dir;
}

static void match_v1(struct search *search, const char *point, const char *root, const char *options)
{
    for (int c = 0; c < GB_C_COUNT; c++) {
        if (search->v1_dir[c] >= 0 || !search->in.path[c] || !in_list(options, search->v1->names[c]))
            continue;
        for (int other = 0; other < c; other++) /* cpu and cpuacct often are one hierarchy */
            if (search->v1_dir[other] >= 0 && search->in.path[other] == search->in.path[c])
                search->v1_dir[c] = search->v1_dir[other];
        char shown[256] = "";
        if (search->v1_dir[c] < 0)
            search->v1_dir[c] = open_place(point, root, search->in.path[c], shown, search->problem);
        if (search->v1_dir[c] >= 0 && shown[0] && (!search->v1_path[0] || c == GB_C_MEMORY))
            copy(search->v1_path, sizeof search->v1_path, shown);
    }
}

static void match_v2(struct search *search, const char *point, const char *root)
{
    if (search->v2_dir >= 0 || !search->in.unified)
        return;
    search->v2_dir = open_place(point, root, search->in.unified, search->v2_path, search->problem);
    const char *last = strrchr(search->in.unified, '/');
    search->v2_leaf = last && strcmp(last + 1, GB_CG_LEAF) == 0;
}

/* `ID PARENT MAJ:MIN ROOT POINT OPTIONS [FIELD...] - TYPE SOURCE SUPEROPTIONS` */
static void match_mount(char *line, struct search *search)
{
    char *separator = strstr(line, " - cgroup");
    if (!separator)
        return;
    *separator = 0;
    char *rest = NULL, *field[5];
    for (int i = 0; i < 5; i++)
        if (!(field[i] = strtok_r(i ? NULL : line, " ", &rest)))
            return;
    unescape(field[3]);
    unescape(field[4]);
    char *type = strtok_r(separator + 3, " ", &rest);
    strtok_r(NULL, " ", &rest); /* source */
    char *options = strtok_r(NULL, " ", &rest);
    if (!type || !options)
        return;
    if (strcmp(type, "cgroup2") == 0)
        match_v2(search, field[4], field[3]);
    else if (strcmp(type, "cgroup") == 0)
        match_v1(search, field[4], field[3], options);
}

static int each_mount(struct search *search)
{
    int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    char buffer[2 * PATH_MAX]; /* longer lines (of other file systems: overlays with many layers) are cut */
    size_t held = 0;
    for (ssize_t count; (count = read(fd, buffer + held, sizeof buffer - 1 - held)) > 0;) {
        held += (size_t)count;
        buffer[held] = 0;
        char *line = buffer;
        for (char *end; (end = strchr(line, '\n')); line = end + 1) {
            *end = 0;
            match_mount(line, search);
        }
        held = strlen(line);
        if (held == sizeof buffer - 1)
            held = 0;
        memmove(buffer, line, held);
    }
    close(fd);
    return 0;
}

/* A unified hierarchy beside v1 ones counts only if it is where the controllers are. */
static bool v2_is_useful(const struct search *search)
{
    if (search->v2_dir < 0)
        return false;
    bool v1 = false;
    for (int c = 0; c < GB_C_COUNT; c++)
        v1 = v1 || search->v1_dir[c] >= 0;
    char controllers[256] = "";
    gb_cg_read(search->v2_dir, "cgroup.controllers", controllers, sizeof controllers);
    return !v1 || gb_cg_has_word(controllers, "memory") || gb_cg_has_word(controllers, "pids") ||
           gb_cg_has_word(controllers, "cpu");
}

void gb_cg_find_own(struct gb_cg_own *own, char reason[256])
{
    struct search search = {.v1 = gb_cg_table(1), .v2_dir = -1};
    char text[4096];
    memset(own, 0, sizeof *own);
    memset(own->dir, -1, sizeof own->dir);
    memset(search.v1_dir, -1, sizeof search.v1_dir);
    if (gb_cg_read(AT_FDCWD, "/proc/self/cgroup", text, sizeof text) < 0) {
        copy(reason, 256, "/proc/self/cgroup cannot be read: a kernel without cgroups");
        return;
    }
    parse_membership(text, search.v1, &search.in);
    if (each_mount(&search) < 0) {
        copy(reason, 256, "/proc/self/mountinfo cannot be read");
        return;
    }
    bool unified = v2_is_useful(&search);
    for (int c = 0; c < GB_C_COUNT; c++) {
        own->dir[c] = unified ? search.v2_dir : search.v1_dir[c];
        if (own->dir[c] >= 0)
            own->version = unified ? 2 : 1;
        if (unified && gb_cg_first(search.v1_dir, c))
            close(search.v1_dir[c]);
    }
    if (!unified && search.v2_dir >= 0)
        close(search.v2_dir);
    copy(own->path, sizeof own->path, unified ? search.v2_path : search.v1_path);
    own->in_leaf = unified && search.v2_leaf;
    if (!own->version)
        copy(reason, 256, search.problem[0] ? search.problem : "no cgroup hierarchy is mounted");
}
