/* Reading, writing and removing below a cgroup directory: descriptors and small stack buffers, no stdio. */
#include "cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void gb_text_add(struct gb_text *text, const char *string)
{
    while (*string && text->length + 1 < sizeof text->bytes)
        text->bytes[text->length++] = *string++;
    text->bytes[text->length] = 0;
}

void gb_text_number(struct gb_text *text, uint64_t number)
{
    char digits[21];
    size_t at = sizeof digits - 1;
    digits[at] = 0;
    do
        digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    gb_text_add(text, digits + at);
}

static int write_bytes(int dir, const char *file, const char *bytes, size_t length)
{
    int fd = openat(dir, file, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t written = write(fd, bytes, length);
    int number = errno;
    close(fd);
    errno = number;
    return written < 0 ? -1 : 0;
}

int gb_cg_write(int dir, const char *file, const struct gb_text *text)
{
    return write_bytes(dir, file, text->bytes, text->length);
}

int gb_cg_write_string(int dir, const char *file, const char *string)
{
    return write_bytes(dir, file, string, strlen(string));
}

ssize_t gb_cg_read(int dir, const char *file, char *buffer, size_t size)
{
    int fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    size_t length = 0;
    ssize_t count = 0;
    while (length < size - 1 && (count = read(fd, buffer + length, size - 1 - length)) > 0)
        length += (size_t)count;
    int number = errno;
    close(fd);
    errno = number;
    buffer[length] = 0;
    return count < 0 ? -1 : (ssize_t)length;
}

static uint64_t parse_number(const char *text)
{
    uint64_t number = 0;
    if (*text < '0' || *text > '9')
        return GB_UNSET;
    for (; *text >= '0' && *text <= '9'; text++)
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(*text - '0'), &number))
            return GB_UNSET;
    return number;
}

uint64_t gb_cg_sum(const char *text, const char *key)
{
    if (!key)
        return parse_number(text);
    uint64_t sum = GB_UNSET;
    size_t length = strlen(key);
    for (const char *at = text; (at = strstr(at, key)); at += length) {
        if (at > text && at[-1] != '\n' && at[-1] != ' ')
            continue;
        uint64_t number = parse_number(at + length);
        if (number != GB_UNSET)
            sum = sum == GB_UNSET ? number : sum + number;
    }
    return sum;
}

bool gb_cg_has_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = text; (at = strstr(at, word)); at += length) {
        char after = at[length];
        if ((at == text || at[-1] == ' ' || at[-1] == '\n') && (after == 0 || after == ' ' || after == '\n'))
            return true;
    }
    return false;
}

/* Calls act(pid, context) for each line of cgroup.procs. Returns how many succeeded, or -1 when it could not be read. */
static int each_process(int dir, int (*act)(pid_t pid, int context), int context)
{
    int fd = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int done = 0;
    uint64_t pid = 0;
    char buffer[1024];
    ssize_t count;
    while ((count = read(fd, buffer, sizeof buffer)) > 0)
        for (ssize_t at = 0; at < count; at++) {
            if (buffer[at] >= '0' && buffer[at] <= '9') {
                pid = pid * 10 + (uint64_t)(buffer[at] - '0');
                continue;
            }
            if (pid && act((pid_t)pid, context) == 0) /* 0: of a PID namespace that is not ours */
                done++;
            pid = 0;
        }
    int number = errno;
    close(fd);
    errno = number;
    return count < 0 ? -1 : done;
}

static int move_one(pid_t pid, int to)
{
    struct gb_text text = {0};
    gb_text_number(&text, (uint64_t)pid);
    return gb_cg_write(to, "cgroup.procs", &text);
}

static int kill_one(pid_t pid, int unused)
{
    (void)unused;
    return kill(pid, SIGKILL);
}

int gb_cg_move_all(int from, int to)
{
    return each_process(from, move_one, to);
}

int gb_cg_kill_all(int dir)
{
    return each_process(dir, kill_one, 0);
}

int gb_cg_each_child(int dir, int (*visit)(int dir, const char *name, void *context), void *context)
{
    int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = fd < 0 ? NULL : fdopendir(fd);
    if (!listing) {
        if (fd >= 0)
            close(fd);
        return 0;
    }
    int result = 0;
    for (struct dirent *entry; !result && (entry = readdir(listing));)
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            result = visit(dir, entry->d_name, context);
    closedir(listing);
    return result;
}

static int remove_child(int dir, const char *name, void *budget)
{
    gb_cg_remove(dir, name, *(int *)budget);
    return 0;
}

int gb_cg_remove(int parent, const char *name, int budget_ms)
{
    int64_t deadline = gb_cg_now() + budget_ms;
    for (;;) {
        if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
            return 0;
        if (errno != EBUSY)
            return -1;
        /* EBUSY: children, or processes that are still being reaped */
        int dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dir >= 0) {
            int left = (int)(deadline - gb_cg_now());
            gb_cg_each_child(dir, remove_child, &left);
            close(dir);
            if (unlinkat(parent, name, AT_REMOVEDIR) == 0)
                return 0;
        }
        if (gb_cg_now() >= deadline) {
            errno = EBUSY;
            return -1;
        }
        gb_cg_pause();
    }
}

void gb_cg_thaw(int dir, const struct gb_cg_table *table)
{
    gb_cg_write_string(dir, table->freeze, table->thawed);
}

int64_t gb_cg_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void gb_cg_pause(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

bool gb_cg_first(const int dir[GB_C_COUNT], int c)
{
    if (dir[c] < 0)
        return false;
    for (int other = 0; other < c; other++)
        if (dir[other] == dir[c])
            return false;
    return true;
}
