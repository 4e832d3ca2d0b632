/* Threads around a fork: none holds a lock at that moment, and those that waited for a condition live on. */
#include "../fork/fork.h"
#include "tap.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMES 300

/* Stands for libuv, whose pool has its condition and mutex in its data. */
static pthread_mutex_t pool_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t pool_condition = PTHREAD_COND_INITIALIZER;
uv_loop_t *uv_default_loop(void)
{
    return NULL;
}

/* Taken by each thread in turn, as an allocator's lock is. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned long rounds;
static pid_t task;

static void work(void)
{
    __atomic_store_n(&task, (pid_t)syscall(SYS_gettid), __ATOMIC_RELEASE);
    pthread_mutex_lock(&lock);
    sched_yield();
    __atomic_fetch_add(&rounds, 1, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&lock);
}

static void *wait_for_events(void *set)
{
    struct epoll_event event;
    for (;;) {
        epoll_wait(*(int *)set, &event, 1, -1);
        work();
    }
    return NULL;
}

static void *wait_for_semaphore(void *semaphore)
{
    for (;;) {
        sem_wait(semaphore);
        work();
    }
    return NULL;
}

struct place {
    pthread_mutex_t *mutex;
    pthread_cond_t *condition;
};

static void *wait_for_condition(void *argument)
{
    const struct place *place = argument;
    for (;;) {
        pthread_mutex_lock(place->mutex);
        pthread_cond_wait(place->condition, place->mutex);
        pthread_mutex_unlock(place->mutex);
        work();
    }
    return NULL;
}

static void start(void *(*run)(void *), void *argument)
{
    pthread_t thread;
    check_number(pthread_create(&thread, NULL, run, argument), 0);
}

/* However often it is woken. */
static void check_holds(void (*wake)(void *), void *argument)
{
    for (int i = 0; i < TIMES; i++) {
        wake(argument);
        check(gb_hold_threads());
        unsigned long before = __atomic_load_n(&rounds, __ATOMIC_RELAXED);
        check_number(pthread_mutex_trylock(&lock), 0);
        wake(argument);
        for (int k = 0; k < 3; k++)
            sched_yield();
        check_number(pthread_mutex_unlock(&lock), 0);
        check_number(__atomic_load_n(&rounds, __ATOMIC_RELAXED), before);
        gb_release_threads();
    }
    eventually((wake(argument), __atomic_load_n(&rounds, __ATOMIC_RELAXED) > TIMES / 10));
}

static void wake_event(void *fd)
{
    check(eventfd_write(*(int *)fd, 1) == 0);
}

static void holds_events(void)
{
    int set = epoll_create1(0), fd = eventfd(0, 0);
    struct epoll_event event = {.events = EPOLLIN};
    check(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == 0); /* never read: it is ready all the time */
    start(wait_for_events, &set);
    check_holds(wake_event, &fd);
}

static void wake_semaphore(void *semaphore)
{
    check(sem_post(semaphore) == 0);
}

static void holds_semaphore(void)
{
    sem_t semaphore;
    sem_init(&semaphore, 0, 0);
    start(wait_for_semaphore, &semaphore);
    check_holds(wake_semaphore, &semaphore);
}

/* On the heap, where those of V8's platform are. */
static struct place make_place(void)
{
    struct place place = {malloc(sizeof(pthread_mutex_t)), malloc(sizeof(pthread_cond_t))};
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(place.mutex, NULL);
    pthread_cond_init(place.condition, &monotonic);
    return place;
}

static void wake_condition(void *place)
{
    pthread_cond_broadcast(((struct place *)place)->condition);
}

static void holds_condition(void)
{
    struct place place = make_place();
    start(wait_for_condition, &place);
    start(wait_for_condition, &place);
    check_holds(wake_condition, &place);
}

static void revives(void)
{
    struct place place = make_place();
    start(wait_for_condition, &place);
    eventually((wake_condition(&place), __atomic_load_n(&rounds, __ATOMIC_RELAXED) > 0));
    check(gb_hold_threads());
    pid_t child = fork();
    if (child == 0) {
        check_number(gb_revive_threads(), 0);
        unsigned long before = __atomic_load_n(&rounds, __ATOMIC_RELAXED);
        eventually((wake_condition(&place), __atomic_load_n(&rounds, __ATOMIC_RELAXED) > before + 10));
        _exit(0);
    }
    gb_release_threads();
    int status;
    check(waitpid(child, &status, 0) == child);
    check_number(status, 0);
}

static void *never_rest(void *unused)
{
    for (;;)
        work();
    return unused;
}

static void gives_up(void)
{
    start(never_rest, NULL);
    check(!gb_hold_threads());
    check_number(errno, EBUSY);
    gb_release_threads();
}

static void knows_its_own(void)
{
    const char *file;
    struct place pool = {&pool_mutex, &pool_condition}, place = make_place();
    start(wait_for_condition, &place);
    eventually((wake_condition(&place), __atomic_load_n(&task, __ATOMIC_ACQUIRE) != 0));
    gb_threads_begin();
    check(!gb_thread_is_foreign(task, &file));
    pid_t first = task;
    start(wait_for_condition, &pool);
    eventually((wake_condition(&pool), __atomic_load_n(&task, __ATOMIC_ACQUIRE) != first));
    check(!gb_thread_is_foreign(task, &file));
    pid_t second = task;
    start(wait_for_condition, &place);
    eventually((wake_condition(&place), task != first && task != second));
    check(gb_thread_is_foreign(task, &file));
    check_contains(file, "threads-");
    check(gb_thread_is_foreign(1 << 22, &file));
    check(file == NULL);
}

int main(int argc, char **argv)
{
    static const struct tap_case cases[] = {
        {"a thread that waits for events holds no lock while it is held", holds_events},
        {"nor does one that waits for a semaphore", holds_semaphore},
        {"nor do those that wait for a condition", holds_condition},
        {"a thread that waited for a condition lives on in a child", revives},
        {"a thread that never rests is not waited for endlessly", gives_up},
        {"threads of Node.js and of libuv's pool are known, others are not", knows_its_own},
    };
    return tap_main(argc, argv, cases, sizeof cases / sizeof cases[0], NULL);
}
