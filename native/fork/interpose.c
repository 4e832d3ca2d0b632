/*
 * Makes fork() of a warm Node.js process survivable. Preloaded into templates (LD_PRELOAD), so that these definitions
 * come before those of libc.
 *
 * fork() keeps only the calling thread. Node.js then trips over three things that the lost threads leave behind:
 *
 *  1. V8 marks its heap MADV_DONTFORK: the child would fault at its first heap access. The advice is dropped here.
 *  2. The platform's worker threads were waiting on condition variables. In the child pthread_cond_destroy() would wait for
 *     those waiters for ever, and pthread_mutex_destroy() would report EBUSY, which libuv turns into abort(). So every wait of
 *     a template's thread is recorded, and gb_forget_threads() resets what was being waited on.
 *  3. Orderly exit joins the lost threads. A join of one of them succeeds at once. For this a lost pthread_t must stay
 *     unique: glibc puts the stacks of lost threads into its cache and hands them, and with them the pthread_t, to new
 *     threads. A stack that the application supplied is never cached, so threads of the template get one.
 *
 * With these, process.exit(), uncaught exceptions, unhandled rejections and the natural end of the event loop work in a
 * forked child as in a fresh process (Node.js 20, 22, 24 and 26).
 */
#include "fork.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAX_THREADS 256
#define GUARD_BYTES 65536 /* a multiple of every page size in use */

/* dlsym() may return the oldest version of these two, which has another layout of pthread_cond_t. */
#if defined(__x86_64__)
#define COND_VERSION "GLIBC_2.3.2"
#else
#define COND_VERSION "GLIBC_2.17"
#endif

struct wait {
    pthread_cond_t *condition; /* NULL: not waiting */
    pthread_mutex_t *mutex;
};

static bool forked;
static pthread_t lost[MAX_THREADS];
static unsigned lost_count;
static struct wait waits[MAX_THREADS];
static unsigned wait_count;
static __thread struct wait *own_wait;

void gb_forget_threads(void) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC); /* libuv makes all of its condition variables so */
    forked = true;
    for (unsigned i = 0; i < wait_count && i < MAX_THREADS; i++) {
        if (!waits[i].condition) continue;
        memset(waits[i].condition, 0, sizeof *waits[i].condition);
        pthread_cond_init(waits[i].condition, &attributes);
        waits[i].mutex->__data.__nusers = 0; /* a waiter counts as a user, though it does not hold the lock */
        waits[i].condition = NULL;
    }
    pthread_condattr_destroy(&attributes);
}

GB_EXPORT int madvise(void *address, size_t length, int advice) {
    if (advice == MADV_DONTFORK) return 0;
    return (int)syscall(SYS_madvise, address, length, advice);
}

/* Gives the thread a stack that glibc will not recycle. Returns false where there is no memory for it. */
static bool supply_stack(pthread_attr_t *own, const pthread_attr_t *wanted) {
    size_t size = 0;
    int detached = PTHREAD_CREATE_JOINABLE;
    pthread_attr_init(own);
    pthread_attr_getstacksize(wanted ? wanted : own, &size);
    if (wanted) pthread_attr_getdetachstate(wanted, &detached);
    size = (size + GUARD_BYTES - 1) / GUARD_BYTES * GUARD_BYTES;
    char *stack = mmap(NULL, size + GUARD_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
    if (stack == MAP_FAILED) return false;
    mprotect(stack, GUARD_BYTES, PROT_NONE);
    pthread_attr_setdetachstate(own, detached);
    pthread_attr_setstack(own, stack + GUARD_BYTES, size);
    return true;
}

GB_EXPORT int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument) {
    static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
    if (forked) return real(thread, attributes, start, argument);
    pthread_attr_t own;
    unsigned index = __atomic_fetch_add(&lost_count, 1, __ATOMIC_RELAXED);
    if (index >= MAX_THREADS || !supply_stack(&own, attributes)) return EAGAIN;
    int result = real(thread, &own, start, argument);
    pthread_attr_destroy(&own);
    if (result == 0) lost[index] = *thread;
    return result;
}

GB_EXPORT int pthread_join(pthread_t thread, void **value) {
    static int (*real)(pthread_t, void **);
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "pthread_join");
    for (unsigned i = 0; forked && i < lost_count && i < MAX_THREADS; i++) {
        if (!pthread_equal(lost[i], thread)) continue;
        if (value) *value = NULL;
        return 0;
    }
    return real(thread, value);
}

static struct wait *begin_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
    static struct wait unrecorded;
    if (!own_wait) {
        unsigned index = __atomic_fetch_add(&wait_count, 1, __ATOMIC_RELAXED);
        own_wait = index < MAX_THREADS ? &waits[index] : &unrecorded;
    }
    own_wait->mutex = mutex;
    own_wait->condition = condition;
    return own_wait;
}

GB_EXPORT int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
    static int (*real)(pthread_cond_t *, pthread_mutex_t *);
    if (!real) *(void **)&real = dlvsym(RTLD_NEXT, "pthread_cond_wait", COND_VERSION);
    if (forked) return real(condition, mutex);
    struct wait *wait = begin_wait(condition, mutex);
    int result = real(condition, mutex);
    wait->condition = NULL;
    return result;
}

GB_EXPORT int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until) {
    static int (*real)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    if (!real) *(void **)&real = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", COND_VERSION);
    if (forked) return real(condition, mutex, until);
    struct wait *wait = begin_wait(condition, mutex);
    int result = real(condition, mutex, until);
    wait->condition = NULL;
    return result;
}
