/*
 * A tiny harness. Each case runs in a forked child under a time limit, so that a crash or a hang is one failed case; the
 * parent prints a TAP line for it: `ok N - title`, `not ok N - title`, `ok N - title # SKIP reason`, and before it what the
 * case said (`# ...`). `PROGRAM --list` prints the titles alone; `PROGRAM TITLE...` runs just those.
 */
#ifndef GLOVEBOX_TAP_H
#define GLOVEBOX_TAP_H

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tap_case {
    const char *title;
    void (*run)(void);
};

/* `after` (may be NULL) runs in the parent after each case, however it ended. Returns main's exit status. */
int tap_main(int argc, char **argv, const struct tap_case *cases, size_t count, void (*after)(void));

/* These end the case; atexit handlers of the child run. */
_Noreturn void tap_fail(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
_Noreturn void tap_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define check(condition) ((condition) ? (void)0 : tap_fail(__FILE__, __LINE__, "not true: %s", #condition))
#define check_number(actual, expected) \
    do { \
        uint64_t tap_a = (uint64_t)(actual), tap_e = (uint64_t)(expected); \
        if (tap_a != tap_e) \
            tap_fail(__FILE__, __LINE__, "%s is %" PRIu64 ", not %" PRIu64, #actual, tap_a, tap_e); \
    } while (0)
#define check_text(actual, expected) tap_check_text(__FILE__, __LINE__, #actual, actual, expected)
#define check_contains(actual, part) tap_check_contains(__FILE__, __LINE__, #actual, actual, part)
void tap_check_text(const char *file, int line, const char *what, const char *actual, const char *expected);
void tap_check_contains(const char *file, int line, const char *what, const char *actual, const char *part);

/* Waits until the condition holds; a hang limit, not a measurement. */
#define eventually(condition) \
    do { \
        int tap_tries = 0; \
        while (!(condition)) { \
            if (++tap_tries > 30000) \
                tap_fail(__FILE__, __LINE__, "never became true: %s", #condition); \
            tap_pause(1); \
        } \
    } while (0)
void tap_pause(int milliseconds);

#endif
