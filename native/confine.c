/*
 * The last steps before untrusted code runs in a process: place, limits, and the surrender of every privilege. Shared by workers that
 * execute (process.c) and workers that are forked from a template (fork/enter.c).
 */
#include "process.h"
#include "compat.h"
#include "namespace.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define CAPABILITY(number) (UINT64_C(1) << (number))
#define FILE_CAPABILITIES (CAPABILITY(CAP_CHOWN) | CAPABILITY(CAP_DAC_OVERRIDE) | CAPABILITY(CAP_FOWNER) \
    | CAPABILITY(CAP_FSETID) | CAPABILITY(CAP_SETUID) | CAPABILITY(CAP_SETGID))

/* Of root: of its user namespace, where they reach what the namespace owns, and files. */
static uint64_t kept_capabilities(const struct gb_worker *worker)
{
    if (!worker->keep_file_capabilities)
        return 0;
    /* Who maps user 0 into a namespace below must be able to set file capabilities in this one. */
    return FILE_CAPABILITIES | (worker->filter & GB_FILTER_NAMESPACES ? CAPABILITY(CAP_SETFCAP) : 0);
}

static int set_rlimit(int resource, uint64_t value, const char *stage, struct gb_error *error)
{
    if (value == GB_UNSET)
        return 0;
    const struct rlimit limit = {.rlim_cur = value, .rlim_max = value};
    return setrlimit(resource, &limit) == 0 ? 0 : gb_fail(error, stage, NULL);
}

static int set_rlimits(const struct gb_worker *worker, struct gb_error *error)
{
    if (set_rlimit(RLIMIT_NOFILE, worker->rlimits[GB_R_NOFILE], "rlimit-nofile", error) != 0
        || set_rlimit(RLIMIT_FSIZE, worker->rlimits[GB_R_FSIZE], "rlimit-fsize", error) != 0
        || set_rlimit(RLIMIT_CORE, worker->rlimits[GB_R_CORE], "rlimit-core", error) != 0
        || set_rlimit(RLIMIT_STACK, worker->rlimits[GB_R_STACK], "rlimit-stack", error) != 0)
        return -1;
    return worker->processes == GB_UNSET ? 0 : gb_limit_processes(0, worker->processes, error);
}

int gb_limit_processes(pid_t pid, uint64_t processes, struct gb_error *error)
{
    /* The soft limit alone: only root may raise a hard one again, and the limit of a file may be above that of a prepared worker. */
    struct rlimit limit;
    if (prlimit(pid, RLIMIT_NPROC, NULL, &limit) != 0)
        return gb_fail(error, "rlimit-nproc", NULL);
    limit.rlim_cur = processes < limit.rlim_max ? processes : limit.rlim_max;
    return prlimit(pid, RLIMIT_NPROC, &limit, NULL) == 0 ? 0 : gb_fail(error, "rlimit-nproc", NULL);
}

static int drop_capabilities(uint64_t keep, struct gb_error *error)
{
    for (int number = 0; number < 64; number++) {
        if (!(keep & CAPABILITY(number)) && prctl(PR_CAPBSET_DROP, number, 0, 0, 0) != 0) {
            if (errno == EINVAL)
                break; /* beyond the last one that the kernel knows */
            return gb_fail(error, "drop-capabilities", NULL);
        }
    }
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {
        {.effective = (uint32_t)keep, .permitted = (uint32_t)keep},
        {.effective = (uint32_t)(keep >> 32), .permitted = (uint32_t)(keep >> 32)},
    };
    return syscall(SYS_capset, &header, data) == 0 ? 0 : gb_fail(error, "drop-capabilities", NULL);
}

static int take_place(const struct gb_worker *worker, struct gb_error *error)
{
    if (setsid() < 0)
        return gb_fail(error, "setsid", NULL);
    if (!(worker->umask & 01000))
        umask((mode_t)worker->umask);
    if (worker->oom_score_adj != NULL)
        gb_write_file(AT_FDCWD, "/proc/self/oom_score_adj", worker->oom_score_adj, strlen(worker->oom_score_adj));
    return chdir(worker->cwd) == 0 ? 0 : gb_fail(error, "chdir", worker->cwd);
}

int gb_confine(const struct gb_worker *worker, struct gb_error *error)
{
    if (take_place(worker, error) != 0 || set_rlimits(worker, error) != 0
        || drop_capabilities(kept_capabilities(worker), error) != 0)
        return -1;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return gb_fail(error, "no-new-privileges", NULL);
    return gb_seccomp_install(worker->filter) == 0 ? 0 : gb_fail(error, "seccomp", NULL);
}

/*
 * /proc/self/exe of a forked worker leads to the template's executable through the mount by which the template executed it: not one of the
 * sandbox's, so that it would have to be writable only there for the worker to change the host's file, its mode or its owner.
 */
static int seal_executable(const char *path, struct gb_error *error)
{
    int place = unshare(CLONE_NEWNS) != 0 ? -1 : open(path, O_PATH | O_CLOEXEC);
    int sealed = place < 0 ? -1 : gb_open_tree(place, "", GB_OPEN_TREE_CLONE | GB_OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
    if (sealed < 0)
        return gb_fail(error, "template-executable", path);
    struct gb_mount_attr read_only = {.attr_set = GB_ATTR_RDONLY};
    if (gb_mount_setattr(sealed, 0, &read_only) != 0 || gb_move_mount(sealed, place) != 0)
        return gb_fail(error, "template-executable", path);
    return 0;
}

/* An exec by an ordinary user drops all capabilities but the ambient ones; this one is for setns() into a sandbox's PID namespace. */
int gb_keep_for_template(const struct gb_worker *worker, struct gb_error *error)
{
    if (seal_executable(worker->argv[0], error) != 0 || take_place(worker, error) != 0)
        return -1;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &header, data) != 0)
        return gb_fail(error, "ambient-capabilities", NULL);
    data[0].inheritable |= (uint32_t)CAPABILITY(CAP_SYS_ADMIN);
    if (syscall(SYS_capset, &header, data) != 0
        || prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_ADMIN, 0, 0) != 0)
        return gb_fail(error, "ambient-capabilities", NULL);
    return 0;
}
