#include "supervisor.h"

#include <errno.h>
#include <string.h>

static void copy(char *to, size_t size, const char *from)
{
    size_t length = from == NULL ? 0 : strnlen(from, size - 1);
    if (length > 0)
        memcpy(to, from, length);
    to[length] = '\0';
}

int gb_fail(struct gb_error *error, const char *stage, const char *path)
{
    return gb_fail_with(error, stage, errno, path, NULL);
}

int gb_fail_with(struct gb_error *error, const char *stage, int number, const char *path, const char *message)
{
    error->stage = stage;
    error->number = number;
    copy(error->path, sizeof error->path, path);
    copy(error->message, sizeof error->message, message);
    return -1;
}
