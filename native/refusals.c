#include "refusals.h"

#include <stdlib.h>
#include <string.h>

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
