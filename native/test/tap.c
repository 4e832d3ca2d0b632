#include "tap.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CASE_SECONDS 60
#define SKIPPED 77

static int skip_pipe[2];

void tap_pause(int milliseconds)
{
    nanosleep(&(struct timespec){.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000L}, NULL);
}

_Noreturn void tap_fail(const char *file, int line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("# %s:%d: ", file, line);
    vprintf(format, arguments);
    printf(" (errno %d %s)\n", errno, strerror(errno));
    va_end(arguments);
    fflush(stdout);
    exit(1);
}

_Noreturn void tap_skip(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vdprintf(skip_pipe[1], format, arguments);
    va_end(arguments);
    exit(SKIPPED);
}

void tap_check_text(const char *file, int line, const char *what, const char *actual, const char *expected)
{
    if (strcmp(actual, expected) != 0)
        tap_fail(file, line, "%s is \"%s\", not \"%s\"", what, actual, expected);
}

void tap_check_contains(const char *file, int line, const char *what, const char *actual, const char *part)
{
    if (!strstr(actual, part))
        tap_fail(file, line, "%s is \"%s\", without \"%s\"", what, actual, part);
}

static bool wanted(int argc, char **argv, const char *title)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], title) == 0)
            return true;
    return argc <= 1;
}

static bool run_case(const struct tap_case *each, int number)
{
    if (pipe(skip_pipe) < 0)
        abort();
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        close(skip_pipe[0]);
        alarm(CASE_SECONDS);
        each->run();
        exit(0);
    }
    close(skip_pipe[1]);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    char reason[256] = "";
    ssize_t length = 0;
    bool skipped = WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED;
    if (skipped)
        length = read(skip_pipe[0], reason, sizeof reason - 1);
    reason[length > 0 ? length : 0] = 0;
    close(skip_pipe[0]);
    bool passed = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (WIFSIGNALED(status))
        printf("# ended by signal %d%s\n", WTERMSIG(status), WTERMSIG(status) == SIGALRM ? ": it hung" : "");
    else if (!passed && !skipped)
        printf("# exit status %d\n", WEXITSTATUS(status));
    printf("%s %d - %s%s%s\n", passed || skipped ? "ok" : "not ok", number, each->title, skipped ? " # SKIP " : "", reason);
    fflush(stdout);
    return passed || skipped;
}

int tap_main(int argc, char **argv, const struct tap_case *cases, size_t count, void (*after)(void))
{
    bool list = argc == 2 && strcmp(argv[1], "--list") == 0, all_passed = true;
    int number = 0;
    for (size_t i = 0; i < count; i++) {
        if (list)
            puts(cases[i].title);
        if (list || !wanted(argc, argv, cases[i].title))
            continue;
        all_passed = run_case(&cases[i], ++number) && all_passed;
        if (after)
            after();
    }
    if (!list)
        printf("1..%d\n", number);
    return all_passed ? 0 : 1;
}
