/*
 * Whether the host grants a kind of isolation, found out by using it: hosts exist where a user namespace can be made
 * but is worth nothing. A child tries and reports.
 */
#include "sandbox.h"
#include "compat.h"
#include "emulate.h"
#include "namespace.h"
#include "process.h"

#include <errno.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const uint64_t flags[] = {
    [GB_F_USER] = 0, [GB_F_PID] = CLONE_NEWPID | CLONE_NEWNS, [GB_F_NET] = CLONE_NEWNET, [GB_F_MOUNT] = CLONE_NEWNS,
    [GB_F_UTS] = CLONE_NEWUTS, [GB_F_IPC] = CLONE_NEWIPC, [GB_F_CGROUP] = CLONE_NEWCGROUP, [GB_F_TIME] = 0,
    [GB_F_OVERLAY] = CLONE_NEWNS, [GB_F_SECCOMP] = 0, [GB_F_NETEM] = CLONE_NEWNET,
};

static int try_mounts(struct gb_error *error)
{
    const struct gb_mount_attr attr = {.attr_set = GB_ATTR_RDONLY | GB_ATTR_NOSUID};
    int root = open("/", O_PATH | O_CLOEXEC);
    if (mount("probe", "/proc", "tmpfs", 0, NULL) != 0)
        return gb_fail(error, "mount-tmpfs", "/proc");
    return gb_mount_setattr(root, AT_RECURSIVE, &attr) == 0 ? 0 : gb_fail(error, "mount-root", "/");
}

static int try_overlay(struct gb_error *error)
{
    if (mount("probe", "/proc", "tmpfs", 0, NULL) != 0 || mkdir("/proc/upper", 0755) != 0 || mkdir("/proc/work", 0755) != 0
        || mkdir("/proc/lower", 0755) != 0)
        return gb_fail(error, "mount-tmpfs", "/proc");
    static const char options[] = "userxattr,lowerdir=/proc/lower,upperdir=/proc/upper,workdir=/proc/work";
    return mount("probe", "/proc/lower", "overlay", 0, options) == 0 ? 0 : gb_fail(error, "mount-overlay", NULL);
}

static int try_ipc(struct gb_error *error)
{
    int set = semget(IPC_PRIVATE, 1, 0600);
    return set >= 0 && semctl(set, 0, IPC_RMID) == 0 ? 0 : gb_fail(error, "semaphore", NULL);
}

static int try_seccomp(struct gb_error *error)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || gb_seccomp_install(0) != 0)
        return gb_fail(error, "seccomp", NULL);
    return 0;
}

static int try(enum gb_feature feature, struct gb_error *error)
{
    switch (feature) {
    case GB_F_USER: /* its capabilities, too */
        return unshare(CLONE_NEWUTS) == 0 && sethostname("probe", 5) == 0 ? 0 : gb_fail(error, "hostname", NULL);
    case GB_F_PID:
        return mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0 ? 0 : gb_fail(error, "mount-proc", "/proc");
    case GB_F_NET:
        return gb_network_up(error);
    case GB_F_MOUNT:
        return try_mounts(error);
    case GB_F_UTS:
        return sethostname("probe", 5) == 0 ? 0 : gb_fail(error, "hostname", NULL);
    case GB_F_IPC:
        return try_ipc(error);
    case GB_F_CGROUP:
        return 0; /* making it is all there is to it */
    case GB_F_TIME:
        return gb_enter_time(1, 1, error);
    case GB_F_OVERLAY:
        return try_overlay(error);
    case GB_F_SECCOMP:
        return try_seccomp(error);
    case GB_F_NETEM:
        return gb_emulate(&(const struct gb_emulation){.latency_ms = 1}, error);
    }
    return 0;
}

int gb_probe(struct gb_supervisor *supervisor, enum gb_feature feature, struct gb_error *error)
{
    int go[2], result[2], pidfd;
    if (supervisor->proc_error.stage != NULL) { /* the outer namespaces have failed to do the same already */
        *error = supervisor->proc_error;
        return -1;
    }
    if (pipe2(go, O_CLOEXEC) != 0)
        return gb_fail(error, "pipe", NULL);
    if (pipe2(result, O_CLOEXEC) != 0) {
        gb_fail(error, "pipe", NULL);
        close(go[0]);
        close(go[1]);
        return -1;
    }
    pid_t child = gb_clone(CLONE_NEWUSER | flags[feature], -1, &pidfd);
    if (child == 0) {
        char byte;
        struct gb_error found = {.stage = NULL};
        if (read(go[0], &byte, 1) == 1)
            try(feature, &found);
        ssize_t ignored = write(result[1], &found, sizeof found);
        (void)ignored;
        _exit(0);
    }
    close(result[1]);
    close(go[0]);
    struct gb_id_map map = gb_id_map_of_caller();
    map.full = supervisor->privileged;
    int outcome = child < 0 ? gb_fail(error, "clone", gb_feature_name(feature)) : gb_write_id_map(child, &map, error);
    struct gb_error found = {.stage = NULL};
    if (outcome == 0 && (write(go[1], "", 1) != 1 || read(result[0], &found, sizeof found) != (ssize_t)sizeof found))
        outcome = gb_fail_with(error, "probe", 0, NULL, "the probing process died");
    close(go[1]);
    close(result[0]);
    if (child > 0) {
        gb_pidfd_send_signal(pidfd, SIGKILL);
        waitpid(child, NULL, 0);
        close(pidfd);
    }
    if (outcome == 0 && found.stage != NULL) {
        *error = found;
        outcome = -1;
    }
    return outcome;
}
