#include "refusals.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_NAMES 1024

static char *names[MAX_NAMES];
static unsigned count;

bool gb_refusal_is_new(const char *name)
{
    for (unsigned i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return false;
    }
    if (count == MAX_NAMES || (names[count] = strdup(name)) == NULL)
        return false;
    count++;
    return true;
}

uint64_t gb_refusal_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}
