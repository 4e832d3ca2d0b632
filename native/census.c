/* What outlives the worker, read from the sandbox's own /proc. Without one nothing can be told. */
#include "init.h"
#include "compat.h"
#include "forward.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LEAKS 64

struct sink {
    char *at, *end;
    unsigned count;
};

/* Whole leaks only: false when this one does not fit any more. */
static bool add(struct sink *sink, const char *format, const char *first, const char *second)
{
    if (sink->count == MAX_LEAKS)
        return false;
    int length = snprintf(sink->at, (size_t)(sink->end - sink->at), format, first, second);
    if (length < 0 || length + 1 >= sink->end - sink->at)
        return false;
    for (int i = 0; i < length; i++) {
        if (sink->at[i] == '\n')
            sink->at[i] = '\0'; /* the formats separate records by line feeds */
    }
    sink->at += length;
    sink->count++;
    return true;
}

static ssize_t read_text(const char *path, char *text, size_t room)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return -1;
    ssize_t got = read(file, text, room - 1);
    close(file);
    if (got >= 0)
        text[got] = '\0';
    return got;
}

static bool is_zombie(int pid)
{
    char path[48], stat[128];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    if (read_text(path, stat, sizeof stat) <= 0)
        return true;
    const char *state = strrchr(stat, ')');
    return state == NULL || strlen(state) < 3 || state[2] == 'Z' || state[2] == 'X';
}

static void command_of(int pid, char *command, size_t room)
{
    char path[48];
    snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
    ssize_t length = read_text(path, command, room);
    if (length <= 0) {
        snprintf(path, sizeof path, "/proc/%d/comm", pid);
        length = read_text(path, command, room);
    }
    while (length > 0 && (command[length - 1] == '\0' || command[length - 1] == '\n'))
        length--;
    if (length < 0)
        length = 0;
    for (ssize_t i = 0; i < length; i++) {
        if ((unsigned char)command[i] < ' ')
            command[i] = ' ';
    }
    command[length] = '\0';
}

static void list_processes(struct sink *sink)
{
    DIR *proc = opendir("/proc");
    if (proc == NULL)
        return;
    const struct dirent *entry;
    while ((entry = readdir(proc)) != NULL) {
        int pid = (int)strtol(entry->d_name, NULL, 10); /* 0 for what is no process */
        if (pid <= 1 || is_zombie(pid))
            continue;
        char number[12], command[200];
        snprintf(number, sizeof number, "%d", pid);
        command_of(pid, command, sizeof command);
        if (!add(sink, "leak=process\nleak.pid=%s\nleak.command=%s\n", number, command))
            break;
    }
    closedir(proc);
}

/* "0100007F:0BB8": words of the address in the machine's byte order, then the port */
static bool format_address(const char *text, bool v6, char *address, size_t room)
{
    unsigned words[4], port;
    int count = v6 ? sscanf(text, "%8x%8x%8x%8x:%4x", &words[0], &words[1], &words[2], &words[3], &port)
                   : sscanf(text, "%8x:%4x", &words[0], &port);
    if (count != (v6 ? 5 : 2))
        return false;
    unsigned char bytes[16];
    memcpy(bytes, words, v6 ? 16 : 4);
    if (!v6) {
        snprintf(address, room, "tcp %u.%u.%u.%u:%u", bytes[0], bytes[1], bytes[2], bytes[3], port);
        return true;
    }
    /* Only the two addresses that tests listen on are worth shortening. */
    unsigned group[8], rest = 0;
    for (int i = 0; i < 8; i++) {
        group[i] = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
        rest |= i < 7 ? group[i] : 0;
    }
    if (rest == 0 && group[7] <= 1)
        snprintf(address, room, "tcp [%s]:%u", group[7] ? "::1" : "::", port);
    else
        snprintf(address, room, "tcp [%x:%x:%x:%x:%x:%x:%x:%x]:%u", group[0], group[1], group[2], group[3], group[4], group[5], group[6],
            group[7], port);
    return true;
}

static void list_listeners(struct sink *sink, bool v6)
{
    FILE *table = fopen(v6 ? "/proc/self/net/tcp6" : "/proc/self/net/tcp", "re");
    if (table == NULL)
        return;
    char line[256];
    while (fgets(line, sizeof line, table) != NULL) {
        char local[48], address[80];
        unsigned state;
        unsigned long inode;
        if (sscanf(line, " %*u: %47s %*s %2x %*s %*s %*s %*u %*u %lu", local, &state, &inode) != 3 || state != 0x0a /* TCP_LISTEN */
            || gb_sockets_own(inode))
            continue;
        if (format_address(local, v6, address, sizeof address)
            && !add(sink, "leak=listener\nleak.address=%s\n%s", address, ""))
            break;
    }
    fclose(table);
}

size_t gb_census(bool listeners, char *records, size_t room)
{
    struct sink sink = {.at = records, .end = records + room};
    list_processes(&sink);
    if (listeners) {
        list_listeners(&sink, false);
        list_listeners(&sink, true);
    }
    return (size_t)(sink.at - records);
}
