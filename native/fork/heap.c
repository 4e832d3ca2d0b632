/*
 * V8's heap limit, which flags set when a process starts, lowered in one that runs already. V8 lets whoever handles a heap that is nearly
 * full say, when they leave, what the limit is to be from then on; so somebody comes and leaves at once. V8 never raises the limit by that,
 * and keeps it a quarter above what is in use.
 */
#include "fork.h"

#include <stddef.h>

/* v8::Isolate, static and member functions: exported by every Node.js that workers are forked from. */
typedef size_t near_limit(void *data, size_t current, size_t initial);
extern void *current_isolate(void) __asm__("_ZN2v87Isolate10GetCurrentEv") __attribute__((weak));
extern void add_callback(void *isolate, near_limit *callback, void *data)
    __asm__("_ZN2v87Isolate24AddNearHeapLimitCallbackEPFmPvmmES1_") __attribute__((weak));
extern void remove_callback(void *isolate, near_limit *callback, size_t limit)
    __asm__("_ZN2v87Isolate27RemoveNearHeapLimitCallbackEPFmPvmmEm") __attribute__((weak));

static size_t never_called(void *data, size_t current, size_t initial)
{
    (void)data;
    (void)initial;
    return current;
}

int gb_heap_limit(double bytes)
{
    if (current_isolate == NULL || add_callback == NULL || remove_callback == NULL)
        return -1;
    void *isolate = current_isolate();
    add_callback(isolate, never_called, NULL);
    remove_callback(isolate, never_called, (size_t)bytes);
    return 0;
}
