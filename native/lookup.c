#include "lookup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void add(struct gb_addresses *addresses, const char *text)
{
    if (addresses->count == GB_MAX_ADDRESSES)
        return;
    struct sockaddr_storage one = {.ss_family = AF_UNSPEC};
    if (inet_pton(AF_INET, text, &((struct sockaddr_in *)&one)->sin_addr) == 1)
        one.ss_family = AF_INET;
    else if (inet_pton(AF_INET6, text, &((struct sockaddr_in6 *)&one)->sin6_addr) == 1)
        one.ss_family = AF_INET6;
    else
        return;
    for (unsigned i = 0; i < addresses->count; i++) {
        if (memcmp(&addresses->all[i], &one, sizeof one) == 0)
            return;
    }
    addresses->all[addresses->count++] = one;
}

bool gb_lookup_literal(const char *host, struct gb_addresses *addresses)
{
    struct gb_addresses found = {.count = 0};
    if (strcmp(host, "localhost") == 0) {
        add(&found, "127.0.0.1");
        add(&found, "::1");
    } else {
        add(&found, host);
    }
    if (found.count > 0)
        *addresses = found;
    return found.count > 0;
}

static _Noreturn void ask(const char *host, int output)
{
    /* Before exec, while the names are those of this process: descriptors 0..2 are /dev/null, all others close by themselves. */
    dup2(output, STDOUT_FILENO);
    signal(SIGPIPE, SIG_DFL);
    execlp("getent", "getent", "ahosts", host, (char *)NULL);
    _exit(127);
}

int gb_lookup_start(struct gb_lookup *lookup, const char *host)
{
    int pipes[2];
    lookup->length = 0;
    lookup->output = -1;
    if (host[0] == '-' || pipe2(pipes, O_CLOEXEC | O_NONBLOCK) != 0)
        return -1;
    fcntl(pipes[1], F_SETFL, 0);
    lookup->pid = fork();
    if (lookup->pid == 0)
        ask(host, pipes[1]);
    close(pipes[1]);
    if (lookup->pid < 0) {
        close(pipes[0]);
        return -1;
    }
    lookup->output = pipes[0];
    return 0;
}

/* Lines of `ADDRESS TYPE NAME`. */
static void parse(char *text, struct gb_addresses *addresses)
{
    addresses->count = 0;
    for (char *line = text; line != NULL && *line != '\0';) {
        char *next = strchr(line, '\n');
        if (next == NULL)
            return; /* cut off */
        line[strcspn(line, " \t\n")] = '\0';
        add(addresses, line);
        line = next + 1;
    }
}

bool gb_lookup_read(struct gb_lookup *lookup, struct gb_addresses *addresses)
{
    char rest[512];
    for (;;) {
        size_t room = sizeof lookup->text - 1 - lookup->length;
        ssize_t got = room > 0 ? read(lookup->output, lookup->text + lookup->length, room) : read(lookup->output, rest, sizeof rest);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return false;
        if (got <= 0)
            break;
        if (room > 0)
            lookup->length += (size_t)got;
    }
    close(lookup->output);
    lookup->output = -1;
    waitpid(lookup->pid, NULL, 0);
    lookup->text[lookup->length] = '\0';
    parse(lookup->text, addresses);
    return true;
}
