/*
 * Makes fork() of a warm Node.js process survivable. Preloaded into templates (LD_PRELOAD), so that these definitions
 * come before those of libc.
 *
 * fork() keeps only the calling thread, and V8 asks for its heap not to be copied. Here
 *
 *  1. the advice MADV_DONTFORK is dropped: with it the child would fault at its first heap access.
 *  2. the threads of V8's platform come back to life in the child. When the template serves they all wait for work, inside
 *     pthread_cond_wait() (gb_hold_threads() sees to it): there each leaves a mark and its thread pointer. The stacks are copied like all memory, so a new
 *     kernel thread that takes over the old one's thread pointer and jumps to the mark continues as that thread: the wait
 *     returns (as it may at any time, POSIX says), and the thread looks for work. See gb_revive_threads().
 *  3. the rest is left dead: the thread pool of libuv, which itself starts anew after a fork; the scheduler of delayed tasks, which waits in
 *     epoll_pwait(), and the one that waits for SIGUSR1, in sem_wait(). Joining a dead thread succeeds at once.
 *  4. no thread holds a lock at the moment of a fork, for in the child nobody would ever release it. A thread at rest holds none but that of its
 *     wait; to leave pthread_cond_wait() it needs the mutex of the condition, and to leave the other two it must pass a gate of ours. The
 *     forking thread takes all of these, once it has seen every thread at rest.
 *
 * glibc hands the stacks of threads that fork() lost, and with them their pthread_t, to new threads. It does not do so
 * with a stack that the application supplied, so every thread of a template gets one.
 *
 * With this, process.exit(), uncaught exceptions, unhandled rejections, worker threads and the natural end of the event
 * loop work in a forked child as in a fresh process (Node.js 20, 22, 24 and 26).
 */
#include "fork.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAX_THREADS 256
#define GUARD_BYTES 65536  /* a multiple of every page size in use */
#define CARRIER_STACK 65536 /* of a thread that only lives until it is another one */
#define MAX_MUTEXES 16
#define HOLD_MS 2000        /* for what threads work at when a fork is wanted: garbage collection, compilation */
#define TID_SEARCH 2048    /* bytes of glibc's thread descriptor */

/* dlsym() may return the oldest version of these two, which has another layout of pthread_cond_t. */
#if defined(__x86_64__)
#define COND_VERSION "GLIBC_2.3.2"
#define SEMAPHORE_VERSION "GLIBC_2.2.5"
#else
#define COND_VERSION "GLIBC_2.17"
#define SEMAPHORE_VERSION "GLIBC_2.17"
#endif

/* One thread of the template. In a child: a thread that fork() lost, unless it was revived. */
struct thread {
    void *(*start)(void *);
    void *argument;
    pthread_t id;
    pid_t task;                 /* the kernel's name of it in the template; 0: it has not begun, -1: it never will */
    bool resting;               /* behind the gate */
    pid_t *tid;                 /* in glibc's descriptor; NULL until the thread has waited once for a condition */
    void *pointer;              /* the thread pointer (FS base, TPIDR_EL0) */
    pthread_cond_t *condition;  /* what it waits for, NULL: it does not */
    pthread_mutex_t *mutex;
    const pthread_cond_t *judged; /* the condition that `lives_on` was found out for */
    bool lives_on;              /* a child revives it */
    void *mark[5];              /* of __builtin_setjmp: longjmp() of the C library would run the clean-up of the wait */
    uint32_t alive;             /* revived, and not ended since: a futex */
};

static bool forked;
static struct thread threads[MAX_THREADS];
static unsigned thread_count;
static __thread struct thread *self; /* NULL: the main thread, or one that was started in a child */

GB_EXPORT int madvise(void *address, size_t length, int advice)
{
    if (advice == MADV_DONTFORK)
        return 0;
    return (int)syscall(SYS_madvise, address, length, advice);
}

static unsigned count(void)
{
    return thread_count < MAX_THREADS ? thread_count : MAX_THREADS;
}

/* ---- starting and joining ---- */

static void *run(void *argument)
{
    struct thread *thread = argument;
    self = thread;
    __atomic_store_n(&thread->task, (pid_t)syscall(SYS_gettid), __ATOMIC_RELEASE);
    void *result = thread->start(thread->argument);
    if (!__atomic_load_n(&thread->alive, __ATOMIC_ACQUIRE))
        return result; /* in the template */
    /* A revived thread does not return to glibc, which counts its carrier. */
    __atomic_store_n(&thread->alive, 0, __ATOMIC_RELEASE);
    syscall(SYS_futex, &thread->alive, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
    for (;;)
        syscall(SYS_exit, 0);
}

/* Gives the thread a stack that glibc will not recycle. */
static bool supply_stack(pthread_attr_t *own, const pthread_attr_t *wanted)
{
    size_t size = 0;
    int detached = PTHREAD_CREATE_JOINABLE;
    pthread_attr_init(own);
    pthread_attr_getstacksize(wanted != NULL ? wanted : own, &size);
    if (wanted != NULL)
        pthread_attr_getdetachstate(wanted, &detached);
    size = (size + GUARD_BYTES - 1) / GUARD_BYTES * GUARD_BYTES;
    char *stack = mmap(NULL, size + GUARD_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
    if (stack == MAP_FAILED)
        return false;
    mprotect(stack, GUARD_BYTES, PROT_NONE);
    pthread_attr_setdetachstate(own, detached);
    pthread_attr_setstack(own, stack + GUARD_BYTES, size);
    return true;
}

typedef int create_function(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

static create_function *real_create(void)
{
    static create_function *real;
    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
    return real;
}

GB_EXPORT int pthread_create(pthread_t *id, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
    if (forked)
        return real_create()(id, attributes, start, argument);
    pthread_attr_t own;
    unsigned index = __atomic_fetch_add(&thread_count, 1, __ATOMIC_RELAXED);
    if (index >= MAX_THREADS)
        return EAGAIN;
    struct thread *thread = &threads[index];
    int result = EAGAIN;
    if (supply_stack(&own, attributes)) {
        thread->start = start;
        thread->argument = argument;
        result = real_create()(id, &own, run, thread);
        pthread_attr_destroy(&own);
    }
    if (result == 0)
        thread->id = *id;
    else
        thread->task = -1;
    return result;
}

GB_EXPORT int pthread_join(pthread_t id, void **value)
{
    static int (*real)(pthread_t, void **);
    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "pthread_join");
    for (unsigned i = 0; forked && i < count(); i++) {
        struct thread *thread = &threads[i];
        if (!pthread_equal(thread->id, id))
            continue;
        while (__atomic_load_n(&thread->alive, __ATOMIC_ACQUIRE))
            syscall(SYS_futex, &thread->alive, FUTEX_WAIT_PRIVATE, 1, NULL, NULL, 0);
        if (value != NULL)
            *value = NULL;
        return 0;
    }
    return real(id, value);
}

/* ---- waiting, the place where threads are revived ---- */

static void *thread_pointer(void)
{
    void *pointer;
#if defined(__x86_64__)
    __asm__("mov %%fs:0, %0" : "=r"(pointer));
#else
    __asm__("mrs %0, tpidr_el0" : "=r"(pointer));
#endif
    return pointer;
}

/* Where glibc keeps the thread id, which the kernel must clear at the thread's end. The layout is glibc's own affair, so it is looked for. */
static pid_t *find_tid(void)
{
    pid_t tid = (pid_t)syscall(SYS_gettid);
    pid_t *descriptor = (pid_t *)pthread_self();
    for (size_t i = 0; i < TID_SEARCH / sizeof tid; i++) {
        if (descriptor[i] == tid)
            return &descriptor[i];
    }
    return NULL;
}

static void begin_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
    if (self->tid == NULL) {
        self->tid = find_tid();
        self->pointer = thread_pointer();
    }
    self->mutex = mutex;
    __atomic_store_n(&self->condition, condition, __ATOMIC_RELEASE);
}

static void end_wait(void)
{
    __atomic_store_n(&self->condition, NULL, __ATOMIC_RELEASE);
}

GB_EXPORT int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
    static int (*real)(pthread_cond_t *, pthread_mutex_t *);
    if (real == NULL)
        *(void **)&real = dlvsym(RTLD_NEXT, "pthread_cond_wait", COND_VERSION);
    if (forked || self == NULL)
        return real(condition, mutex);
    begin_wait(condition, mutex);
    int result = 0;
    if (__builtin_setjmp(self->mark) == 0)
        result = real(condition, mutex);
    else
        pthread_mutex_lock(self->mutex); /* revived, in a child */
    end_wait();
    return result;
}

/* Held over a fork: those that wait for events or for a semaphore go on only when it is free. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static bool rests_at_gate(void)
{
    if (forked || self == NULL)
        return false;
    __atomic_store_n(&self->resting, true, __ATOMIC_RELEASE);
    return true;
}

static void pass_gate(void)
{
    int number = errno;
    pthread_mutex_lock(&gate);
    __atomic_store_n(&self->resting, false, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&gate);
    errno = number;
}

GB_EXPORT int epoll_pwait(int fd, struct epoll_event *events, int room, int timeout, const sigset_t *mask)
{
    static int (*real)(int, struct epoll_event *, int, int, const sigset_t *);
    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "epoll_pwait");
    bool rests = rests_at_gate();
    int result = real(fd, events, room, timeout, mask);
    if (rests)
        pass_gate();
    return result;
}

GB_EXPORT int epoll_wait(int fd, struct epoll_event *events, int room, int timeout)
{
    return epoll_pwait(fd, events, room, timeout, NULL);
}

GB_EXPORT int sem_wait(sem_t *semaphore)
{
    static int (*real)(sem_t *);
    if (real == NULL)
        *(void **)&real = dlvsym(RTLD_NEXT, "sem_wait", SEMAPHORE_VERSION);
    bool rests = rests_at_gate();
    int result = real(semaphore);
    if (rests)
        pass_gate();
    return result;
}

/* ---- the moment of a fork ---- */

static bool gate_held;
static pthread_mutex_t *held[MAX_MUTEXES];
static unsigned held_count;

static bool is_held(const pthread_mutex_t *mutex)
{
    for (unsigned i = 0; i < held_count; i++) {
        if (held[i] == mutex)
            return true;
    }
    return false;
}

void gb_release_threads(void)
{
    while (held_count > 0)
        pthread_mutex_unlock(held[--held_count]);
    if (gate_held)
        pthread_mutex_unlock(&gate);
    gate_held = false;
}

/* It neither rests nor has it ended; signal 0 asks whether it has. */
static bool is_working(const struct thread *thread)
{
    if (__atomic_load_n(&thread->condition, __ATOMIC_ACQUIRE) != NULL || __atomic_load_n(&thread->resting, __ATOMIC_ACQUIRE))
        return false;
    pid_t task = __atomic_load_n(&thread->task, __ATOMIC_ACQUIRE);
    return task == 0 || (task > 0 && syscall(SYS_tgkill, getpid(), task, 0) == 0);
}

static bool try_to_hold(void)
{
    pthread_mutex_lock(&gate);
    gate_held = true;
    for (unsigned i = 0; i < count(); i++) {
        struct thread *thread = &threads[i];
        if (is_working(thread))
            return false;
        if (thread->condition == NULL || is_held(thread->mutex))
            continue;
        if (held_count == MAX_MUTEXES || pthread_mutex_trylock(thread->mutex) != 0)
            return false;
        held[held_count++] = thread->mutex;
    }
    for (unsigned i = 0; i < count(); i++) {
        const struct thread *thread = &threads[i];
        if (is_working(thread) || (thread->condition != NULL && !is_held(thread->mutex)))
            return false; /* it began before its mutex was held */
    }
    return true;
}

/* A condition variable in an executable's or a library's data is that of libuv's pool; the platform's lie in its objects. Found out here, once:
 * dladdr() looks through all symbols of Node.js, which costs every child milliseconds. */
static void judge_threads(void)
{
    Dl_info image;
    for (unsigned i = 0; i < count(); i++) {
        struct thread *thread = &threads[i];
        if (thread->condition == NULL || thread->condition == thread->judged)
            continue;
        thread->judged = thread->condition;
        thread->lives_on = thread->tid != NULL && dladdr(thread->condition, &image) == 0;
    }
}

bool gb_hold_threads(void)
{
    const struct timespec moment = {.tv_nsec = 1000000};
    for (int i = 0; i < HOLD_MS; i++) {
        if (try_to_hold()) {
            judge_threads();
            return true;
        }
        gb_release_threads();
        nanosleep(&moment, NULL);
    }
    errno = EBUSY;
    return false;
}

/* ---- threads that nobody expects ---- */

static unsigned own_threads; /* at this index and above are those that came later */

void gb_threads_begin(void)
{
    own_threads = count();
}

static const struct thread *find_task(pid_t task)
{
    for (unsigned i = 0; i < count(); i++) {
        if (threads[i].task == task)
            return &threads[i];
    }
    return NULL;
}

/* The mutex of libuv's pool lies in the data of libuv, wherever that is linked into. */
static bool is_of_pool(const struct thread *thread)
{
    Dl_info library, data;
    return thread->mutex != NULL && dladdr((void *)(uintptr_t)uv_default_loop, &library) != 0
        && dladdr(thread->mutex, &data) != 0 && data.dli_fbase == library.dli_fbase;
}

/* std::thread begins in libstdc++, with an object whose virtual methods are those of whoever started it. */
static const char *file_of(const struct thread *thread)
{
    Dl_info image;
    if (dladdr((void *)(uintptr_t)thread->start, &image) == 0)
        return NULL;
    if (strstr(image.dli_fname, "/libstdc++") != NULL && thread->argument != NULL && dladdr(*(void **)thread->argument, &image) == 0)
        return NULL;
    return image.dli_fname;
}

bool gb_thread_is_foreign(pid_t task, const char **file)
{
    const struct thread *thread = find_task(task);
    *file = thread == NULL ? NULL : file_of(thread);
    return thread == NULL || (thread >= threads + own_threads && !is_of_pool(thread));
}

/* ---- the child ---- */

/* As if nobody had ever waited: the waiters are gone, and glibc counts them in both. */
static void reset_wait(struct thread *thread)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC); /* libuv makes all of its condition variables so */
    memset(thread->condition, 0, sizeof *thread->condition);
    pthread_cond_init(thread->condition, &attributes);
    pthread_condattr_destroy(&attributes);
    /* The template's main thread held it over the fork. */
    thread->mutex->__data.__lock = 0;
    thread->mutex->__data.__owner = 0;
    thread->mutex->__data.__nusers = 0;
}

/* Runs in a new kernel thread, the carrier; from the change of the thread pointer on it is the old one, and may not use locals of this frame. */
static void *become(void *argument)
{
    struct thread *thread = argument;
    *thread->tid = (pid_t)syscall(SYS_gettid);
    syscall(SYS_set_tid_address, thread->tid);
#if defined(__x86_64__)
    syscall(SYS_arch_prctl, 0x1002 /* ARCH_SET_FS */, thread->pointer);
#else
    __asm__ volatile("msr tpidr_el0, %0" ::"r"(thread->pointer) : "memory");
#endif
    __builtin_longjmp(thread->mark, 1);
}

static bool revive(struct thread *thread)
{
    pthread_attr_t attributes;
    pthread_t carrier;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, CARRIER_STACK);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    thread->alive = 1;
    bool revived = real_create()(&carrier, &attributes, become, thread) == 0;
    if (!revived)
        thread->alive = 0;
    pthread_attr_destroy(&attributes);
    return revived;
}

int gb_revive_threads(void)
{
    int result = 0;
    forked = true;
    held_count = 0;
    for (unsigned i = 0; i < count(); i++) {
        if (threads[i].condition != NULL)
            reset_wait(&threads[i]);
    }
    for (unsigned i = 0; i < count(); i++) {
        if (threads[i].condition != NULL && threads[i].lives_on && !revive(&threads[i]))
            result = -1;
    }
    return result;
}
