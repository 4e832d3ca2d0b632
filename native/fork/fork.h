/*
 * The fork server's in-process library, glovebox-fork.so: preloaded into a template and called from it through koffi.
 * packages/core/src/worker/native.ts declares what is exported.
 */
#ifndef GLOVEBOX_FORK_H
#define GLOVEBOX_FORK_H

#include "wire.h"

#define GB_EXPORT __attribute__((visibility("default")))

/* template.c: template, from JavaScript. Serves until the supervisor hangs up; returns only in forked children, with the length of the start records
 * that were copied to `payload`. */
GB_EXPORT int gb_template_serve(char *payload, size_t capacity);

/* libuv's, exported by every Node.js executable. */
typedef struct uv_loop_s uv_loop_t;
extern uv_loop_t *uv_default_loop(void);
extern int uv_loop_fork(uv_loop_t *loop);

/* enter.c: child, directly after fork(). Joins the cgroups and namespaces of the sandbox, gives up every privilege, makes what fork() broke
 * its own (descriptors, threads), says that it has entered, takes its descriptors, and waits for its first message, for which it has its pages
 * populated. Copies the start request to `payload`. */
int gb_enter(const struct gb_fork_request *request, const int *descriptors, char *payload, struct gb_error *error);

/* threads.c: template, around fork(). Holds every thread where it waits for work, once all of them do; false where that takes too long. */
bool gb_hold_threads(void);
void gb_release_threads(void);
/* threads.c: template. What is started from here on is no part of Node.js itself. */
void gb_threads_begin(void);
/* threads.c: template. Whether a thread, by its kernel id, would be lost by a fork though somebody counts on it; `file` is
 * where its code lies, or NULL. */
bool gb_thread_is_foreign(pid_t task, const char **file);
/* threads.c: child, directly after fork(). Lets those threads live on; -1 and errno where there may be no more threads. */
int gb_revive_threads(void);

/* check.c: template, from JavaScript, before anything but Node.js has started a thread or opened a file. */
GB_EXPORT void gb_template_begin(void);
/* check.c: template, from JavaScript. Whether it holds nothing that a fork would lose or share; the reason, NUL-terminated, where it does. */
GB_EXPORT bool gb_template_check(char *reason, size_t capacity);

/* events.c: template, before serving. Remembers which descriptors are those of event loops. */
void gb_events_prepare(void);
/* events.c: template, after that. Whether both ends of a pipe are its own, so that a child gets a new one. */
bool gb_is_pipe_to_itself(int fd);
/* events.c: child, before uv_loop_fork(). Gives it event descriptors of its own; -1 and errno where there are no more. */
int gb_events_renew(void);
/* events.c: child, after uv_loop_fork(): what it makes from here on is its own. */
void gb_allow_rings(void);

/* pages.c: template, before serving. */
void gb_pages_prepare(void);
/* pages.c: template, before a fork. Takes over what a child has recorded. */
void gb_pages_adopt(void);
/* pages.c: template, after a fork and after the end of a child. The first one is to record; should it end without, the next one. */
void gb_pages_forked(pid_t pid);
void gb_pages_ended(pid_t pid);
/* pages.c: child, at once. Gives back the memory for what is recorded, if it is not the one that is to. */
void gb_pages_leave_recorder(void);
/* pages.c: child, before it runs anything. Does nothing until a child has recorded. */
void gb_pages_populate(void);
/* pages.c: child, when its file is done. If it is the one that is to, it records the pages that it dirtied or read; returns the number of the
 * dirty ones, 0 if it is another, -1 on failure. */
GB_EXPORT int gb_pages_record(void);

/* heap.c: child, from JavaScript. Lowers V8's limit of the old generation to `bytes`; -1 where this V8 cannot. */
GB_EXPORT int gb_heap_limit(double bytes);

#endif
