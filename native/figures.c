/*
 * What a sandbox is told of its memory while it runs: core lays a file of its own over /proc/meminfo (plan/figures.ts), with the sandbox's
 * limit as the total; here the two figures in it that move are kept true. Written in place, in the width that the file has, through the
 * scratch file system that holds it: to the sandbox it is read-only.
 */
#include "figures.h"
#include "cgroup.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MEMINFO "/proc/meminfo"
#define MAX_WIDTH 24

/* Where the number of the line `name` lies: the blanks before it belong to it. */
static bool find_field(const char *content, const char *name, struct gb_field *field)
{
    const char *line = strstr(content, name);
    if (line == NULL)
        return false;
    const char *start = line + strlen(name), *end = start + strspn(start, " ");
    while (isdigit((unsigned char)*end))
        end++;
    *field = (struct gb_field){.at = (uint32_t)(start - content), .width = (uint32_t)(end - start)};
    return field->width > 0 && field->width < MAX_WIDTH;
}

void gb_figures_find(struct gb_figures *figures, const struct gb_request *request)
{
    for (unsigned i = 0; i < request->mount_count; i++) {
        const struct gb_mount *mount = &request->mounts[i];
        if (mount->type != GB_M_FILE || strcmp(mount->target, MEMINFO) != 0)
            continue;
        figures->file = gb_scratch_file_name(i);
        figures->shown = find_field(mount->content, "MemFree:", &figures->free)
            && find_field(mount->content, "MemAvailable:", &figures->available);
    }
}

static void put(int file, const struct gb_field *field, uint64_t kilobytes)
{
    char text[MAX_WIDTH + 24];
    int length = snprintf(text, sizeof text, "%*llu", (int)field->width, (unsigned long long)kilobytes);
    ssize_t written = (uint32_t)length == field->width ? pwrite(file, text, field->width, field->at) : 0;
    (void)written; /* a figure that stays as it was is no reason to end a sandbox */
}

void gb_figures_tell(const struct gb_figures *figures, int scratch, uint64_t limit, uint64_t used)
{
    if (!figures->shown || limit == GB_UNSET || used == GB_UNSET || scratch < 0)
        return;
    int file = openat(scratch, figures->file.text, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0)
        return;
    uint64_t left = used < limit ? (limit - used) / 1024 : 0;
    put(file, &figures->free, left);
    put(file, &figures->available, left);
    close(file);
}
