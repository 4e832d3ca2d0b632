/*
 * The serve loop of a template. It runs in C inside a call from JavaScript and never returns there in the template, whose
 * heap so stays as it was when it was warm, shared with every worker. It returns in each forked child.
 */
#include "fork.h"
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_WORKERS 512

/* Exported by those that OpenSSL is linked into, and by libcrypto. */
extern int RAND_poll(void) __attribute__((weak));

struct server {
    int own_pid_namespace;
    unsigned count;
    pid_t pids[MAX_WORKERS];
    struct pollfd polls[1 + MAX_WORKERS]; /* [0] is the supervisor, [1 + i] the pidfd of pids[i] */
};

static struct server server;

static bool notify(const struct gb_fork_notice *notice)
{
    return send(GB_TEMPLATE_FD, notice, sizeof *notice, MSG_NOSIGNAL) == (ssize_t)sizeof *notice;
}

static bool notify_failure(uint32_t sandbox, const char *stage, int number)
{
    struct gb_fork_notice notice = {.kind = GB_FORK_FAILED, .sandbox = sandbox, .number = number};
    strncpy(notice.stage, stage, sizeof notice.stage - 1);
    return notify(&notice);
}

/* One request with its descriptors; false at the end of the stream or when it makes no sense: both end the template. */
static bool receive_request(struct gb_fork_request *request, int descriptors[GB_FORK_MAX_FDS], unsigned *count)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(GB_FORK_MAX_FDS * sizeof(int))];
    } control;
    struct iovec bytes = {.iov_base = request, .iov_len = sizeof *request};
    struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t got;
    do
        got = recvmsg(GB_TEMPLATE_FD, &message, MSG_CMSG_CLOEXEC | MSG_WAITALL);
    while (got < 0 && errno == EINTR);
    struct cmsghdr *rights = got == (ssize_t)sizeof *request ? CMSG_FIRSTHDR(&message) : NULL;
    if (rights == NULL || rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS)
        return false;
    *count = (unsigned)((rights->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    if (*count != request->descriptors || *count < GB_FORK_FIXED_FDS || *count > GB_FORK_MAX_FDS)
        return false;
    memcpy(descriptors, CMSG_DATA(rights), *count * sizeof(int));
    return true;
}

static uint64_t microseconds(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

static void reap(unsigned index)
{
    struct rusage usage;
    struct gb_fork_notice notice = {.kind = GB_FORK_EXITED, .pid = server.pids[index]};
    if (wait4(server.pids[index], &notice.status, 0, &usage) == server.pids[index]) {
        notice.cpu_user = microseconds(usage.ru_utime);
        notice.cpu_system = microseconds(usage.ru_stime);
        notice.voluntary_switches = (uint64_t)usage.ru_nvcsw;
        notice.involuntary_switches = (uint64_t)usage.ru_nivcsw;
        notify(&notice);
    }
    gb_pages_ended(server.pids[index]);
    close(server.polls[1 + index].fd);
    server.count--;
    server.pids[index] = server.pids[server.count];
    server.polls[1 + index] = server.polls[1 + server.count];
}

/* Everything that only the serving process needs. */
static void leave_server(void)
{
    for (unsigned i = 0; i < server.count; i++)
        close(server.polls[1 + i].fd);
    close(server.own_pid_namespace);
}

static bool adopt(pid_t pid)
{
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (pidfd < 0)
        return false;
    gb_pages_forked(pid);
    server.pids[server.count] = pid;
    server.polls[1 + server.count] = (struct pollfd){.fd = pidfd, .events = POLLIN};
    server.count++;
    return true;
}

/* Forks into the init's PID namespace. From the first setns until the second, whatever this process starts lands in the sandbox. */
static pid_t fork_into(int init, const char **stage, bool *usable)
{
    if (setns(init, CLONE_NEWPID) != 0) {
        *stage = "template-setns-pid";
        return -1;
    }
    pid_t pid = gb_hold_threads() ? fork() : -1;
    int number = errno;
    if (pid == 0)
        return 0;
    if (pid < 0)
        *stage = "template-fork";
    gb_release_threads();
    *usable = setns(server.own_pid_namespace, CLONE_NEWPID) == 0;
    errno = number;
    return pid;
}

static void become_child(const struct gb_fork_request *request, const int *descriptors, char *payload)
{
    struct gb_error error;
    leave_server();
    if (gb_enter(request, descriptors, payload, &error) != 0) {
        notify_failure(request->sandbox, error.stage, error.number);
        _exit(127);
    }
    /* OpenSSL 3.0 notices a fork by getpid(), which in another PID namespace may return what it returned in the template. */
    if (RAND_poll != NULL)
        RAND_poll();
    uv_loop_fork(uv_default_loop());
    gb_allow_rings();
}

/* One request. Returns 1 in the child; in the template 0, or -1 when it can serve no longer: the supervisor starts another. */
static int serve_one(char *payload, size_t capacity, size_t *length)
{
    struct gb_fork_request request;
    int descriptors[GB_FORK_MAX_FDS];
    unsigned count = 0;
    if (!receive_request(&request, descriptors, &count) || request.length > capacity)
        return -1;
    *length = request.length;
    gb_pages_adopt();
    const char *stage = NULL;
    bool usable = true;
    pid_t pid = -1;
    if (server.count < MAX_WORKERS) {
        pid = fork_into(descriptors[GB_FORK_INIT_FD], &stage, &usable);
    } else {
        stage = "template-workers";
        errno = EAGAIN;
    }
    if (pid == 0) {
        become_child(&request, descriptors, payload);
        return 1;
    }
    int number = errno;
    for (unsigned i = 0; i < count; i++)
        close(descriptors[i]);
    if (pid < 0)
        return notify_failure(request.sandbox, stage, number) && usable ? 0 : -1;
    const struct gb_fork_notice forked = {.kind = GB_FORK_FORKED, .sandbox = request.sandbox, .pid = pid};
    return adopt(pid) && notify(&forked) && usable ? 0 : -1;
}

int gb_template_serve(char *payload, size_t capacity)
{
    const struct gb_fork_notice ready = {.kind = GB_FORK_READY, .pid = getpid()};
    server.own_pid_namespace = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
    server.polls[0] = (struct pollfd){.fd = GB_TEMPLATE_FD, .events = POLLIN};
    gb_pages_prepare();
    gb_events_prepare();
    if (server.own_pid_namespace < 0 || !notify(&ready))
        _exit(1);
    for (;;) {
        if (poll(server.polls, 1 + server.count, -1) < 0 && errno != EINTR)
            _exit(1);
        for (unsigned i = server.count; i-- > 0;) {
            if (server.polls[1 + i].revents != 0)
                reap(i);
        }
        if (server.polls[0].revents == 0)
            continue;
        size_t length = 0;
        int served = serve_one(payload, capacity, &length);
        if (served < 0)
            _exit(0);
        if (served > 0)
            return (int)length;
    }
}
