/*
 * glovebox-supervisor: makes, watches and destroys sandboxes for one runner process.
 *
 * Theory of operation
 *
 *   runner (Node.js)
 *    └─ relay         this file; outside all namespaces, as the keeper. Only waits, and cleans up if the keeper is killed.
 *        └─ keeper        makes the cgroup base, clones the supervisor, writes its id maps, and then waits to clean up what no kernel
 *            │            cleans up for us: cgroup directories and the run directory.
 *            └─ supervisor   PID 1 of an outer user, PID and mount namespace. Serves the control socket (loop.c, requests.c).
 *                ├─ init        PID 1 of one sandbox: makes its mounts, network … (init.c), then forks
 *                │   └─ worker     which runs the test file; and whatever that starts
 *                └─ init …
 *
 * Who dies takes everything below along: the end of a PID 1, by SIGKILL too, makes the kernel kill its PID namespace. So
 *   - the control socket at its end, or the supervisor killed: all sandboxes die, the keeper cleans up
 *   - the relay killed: the supervisor sees the end of a pipe, kills and removes all that it can, and ends; the keeper does the rest
 *   - the keeper killed, at whatever step: the relay ends that pipe, waits for the supervisor, which it adopts, and removes what
 *     directories there may be: it knows the cgroups' names from before there was a keeper, and shares memory with the supervisor
 *     for the path of the run directory
 *   - relay and keeper killed at once: the supervisor alone, as above
 *   - all killed at once: the locks on the cgroup base and on the run directory are free, and the next start sweeps them
 *   - a sandbox is killed by killing its init, and reaping the init means that everything in it is dead
 *
 * As an ordinary user, the outer user namespace is also what gives the supervisor the capabilities to make sandboxes.
 */
#include "compat.h"
#include "namespace.h"
#include "protocol.h"
#include "sandbox.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#ifndef GB_VERSION
#define GB_VERSION "0.1.0"
#endif
#define STRING_OF(x) #x
#define STRING(x) STRING_OF(x)

/* The worst that the OOM killer still takes: -1000 would make a sandbox unkillable that a worker lowered to it, which it may,
 * once somebody with the capability was there. */
#define OOM_SCORE_ADJ "-999"

static struct gb_supervisor supervisor;
static struct gb_cgroup_base base;
static char oom_score_adj[16];

static void say(const char *text)
{
    ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
    (void)ignored;
}

/* ---- relay and keeper ---- */

/* Says on the control socket that there will be no supervisor. Nothing has been asked yet, so the id is 0. */
static _Noreturn void give_up(const struct gb_error *error)
{
    gb_send_error(&supervisor, 0, "system", error);
    gb_out_flush(&supervisor.out, GB_CONTROL_FD);
    gb_cgroup_close_base(&base);
    /* Core writes its hello meanwhile: if we were gone, it would fail to, and never read why. So wait until it hangs up. */
    struct pollfd control = {.fd = GB_CONTROL_FD, .events = POLLIN};
    char unread[512];
    shutdown(GB_CONTROL_FD, SHUT_WR);
    while (poll(&control, 1, 5000) > 0 && read(GB_CONTROL_FD, unread, sizeof unread) > 0)
        ;
    _exit(GB_EXIT_BROKEN);
}

/* Descriptors 0..2 must be taken, or a socket of ours would become somebody's standard output. */
static void secure_descriptors(void)
{
    int type;
    socklen_t size = sizeof type;
    if (getsockopt(GB_CONTROL_FD, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM) {
        say("glovebox-supervisor: descriptor 3 is not a control socket; Glovebox starts this program itself\n");
        _exit(2);
    }
    while (true) {
        int fd = open("/dev/null", O_RDWR);
        if (fd > GB_CONTROL_FD || fd < 0) {
            close(fd);
            break;
        }
    }
    fcntl(GB_CONTROL_FD, F_SETFD, FD_CLOEXEC);
    gb_close_range(GB_CONTROL_FD + 1, ~0u, 0); /* what the runner forgot to keep to itself is not ours to hold open */
}

/* The terminal's signals are for the runner, which ends us by closing the control socket. */
static void leave_terminal(void)
{
    setsid();
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP};
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        signal(ignored[i], SIG_IGN);
}

/* Where it is permitted (to root), supervisor and inits outlive a machine out of memory; workers get the runner's value back. */
static const char *protect_from_oom(void)
{
    static const char path[] = "/proc/self/oom_score_adj";
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = file < 0 ? -1 : read(file, oom_score_adj, sizeof oom_score_adj - 1);
    if (file >= 0)
        close(file);
    return got > 0 && gb_write_file(AT_FDCWD, path, OOM_SCORE_ADJ, strlen(OOM_SCORE_ADJ)) == 0 ? oom_score_adj : NULL;
}

/* Root gets the full map where it may write one: in a container it may lack the capability. */
static int map_ids(pid_t child, bool *full, struct gb_error *error)
{
    struct gb_id_map map = gb_id_map_of_caller();
    *full = map.full;
    if (gb_write_id_map(child, &map, error) == 0)
        return 0;
    if (!map.full || error->number != EPERM)
        return -1;
    *full = map.full = false;
    return gb_write_id_map(child, &map, error);
}

/* Once all processes are dead. */
static void remove_directories(void)
{
    gb_cgroup_close_base(&base);
    if (supervisor.run_path[0] != '\0')
        gb_run_dir_remove(supervisor.run_path);
}

static int exit_status(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* ---- keeper ---- */

static _Noreturn void supervise(int life);

/* Nobody writes into that pipe; only the supervisor holds its other end. */
static void wait_for_end(int end)
{
    char nothing;
    while (read(end, &nothing, 1) < 0 && errno == EINTR)
        ;
}

/* `life` is held open by the relay for as long as supervisor and relay are to live. */
static _Noreturn void keep(const int life[2])
{
    struct gb_error error = {.stage = NULL};
    int end[2], pidfd, status = 0;
    bool full;

    gb_cgroup_open_base(&base);
    if (pipe2(end, O_CLOEXEC) != 0) {
        gb_fail(&error, "pipe", NULL);
        give_up(&error);
    }
    pid_t child = gb_clone(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS, -1, &pidfd);
    if (child == 0) {
        close(life[1]);
        close(end[0]);
        supervise(life[0]);
    }
    if (child < 0) {
        gb_fail(&error, "clone-supervisor", NULL);
        give_up(&error);
    }
    bool started = map_ids(child, &full, &error) == 0;
    if (started && write(life[1], full ? "F" : "S", 1) != 1) {
        gb_fail(&error, "start-supervisor", NULL);
        started = false;
    }
    if (!started) {
        gb_pidfd_send_signal(pidfd, SIGKILL);
        waitpid(child, NULL, 0);
        give_up(&error);
    }
    gb_close_range(0, GB_CONTROL_FD, 0); /* the control socket's end must be seen when the supervisor ends */
    close(life[0]);
    close(life[1]);
    close(end[1]);

    wait_for_end(end[0]);
    gb_cgroup_thaw_base(&base); /* the supervisor's descriptors are closed, what it left frozen could not die */
    waitpid(child, &status, 0);
    remove_directories();
    _exit(exit_status(status));
}

/* ---- relay ---- */

/* Of a keeper that was killed it adopts the supervisor, and by closing `life` ends it. */
static int relay(pid_t keeper, const int life[2])
{
    int status = 0, one;
    pid_t pid;
    gb_close_range(0, GB_CONTROL_FD, 0);
    close(life[0]);
    while ((pid = waitpid(-1, &one, 0)) > 0 || errno == EINTR) {
        if (pid != keeper)
            continue;
        status = one;
        close(life[1]);
    }
    if (WIFSIGNALED(status))
        remove_directories();
    return exit_status(status);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        say("glovebox-supervisor " GB_VERSION " protocol " STRING(GB_PROTOCOL_VERSION) "\n");
        return 0;
    }
    struct gb_error error = {.stage = NULL};
    int life[2];

    secure_descriptors();
    leave_terminal();
    supervisor.oom_score_adj = protect_from_oom();
    gb_cgroup_place_base(&base);
    supervisor.run_path = mmap(NULL, GB_PATH_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (supervisor.run_path == MAP_FAILED) {
        gb_fail(&error, "shared-memory", NULL);
        give_up(&error);
    }
    if (pipe2(life, O_CLOEXEC) != 0) {
        gb_fail(&error, "pipe", NULL);
        give_up(&error);
    }
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t keeper = fork();
    if (keeper == 0)
        keep(life);
    if (keeper < 0) {
        gb_fail(&error, "fork-keeper", NULL);
        give_up(&error);
    }
    return relay(keeper, life);
}

/* ---- supervisor ---- */

/* A mount namespace of its own, of which nothing propagates to the host, with the procfs of its own PID namespace. */
static int set_up_mounts(struct gb_error *error)
{
    supervisor.host_proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return gb_fail(error, "mount-private", "/");
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0)
        return gb_fail(error, "mount-proc", "/proc");
    return 0;
}

/* Relay or keeper was killed. The other one does this, too, but it may have been killed as well. */
static void destroy_everything(void)
{
    gb_cgroup_thaw_base(&base);
    kill(-1, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
        ;
    remove_directories();
}

static _Noreturn void supervise(int life)
{
    char maps;
    if (read(life, &maps, 1) != 1)
        _exit(GB_EXIT_BROKEN); /* the keeper has said why, or was killed */
    madvise(supervisor.run_path, GB_PATH_SIZE, MADV_DONTFORK); /* for nobody below */
    supervisor.privileged = maps == 'F';
    supervisor.control = GB_CONTROL_FD;
    supervisor.run_dir = -1;
    supervisor.relay_life = life;
    supervisor.base = &base;
    set_up_mounts(&supervisor.proc_error);

    gb_loop(&supervisor);

    if (supervisor.relay_life < 0)
        destroy_everything();
    _exit(supervisor.broken ? GB_EXIT_BROKEN : 0);
}
