/*
 * One forbidden act, by name: prints `ok`, or the errno's name. The acts of test/escape that need system calls which Node.js does not
 * make. `act bystander` is what the acts aim at.
 */
#define _GNU_SOURCE
#include "act.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <mqueue.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define NOWHERE "/nonexistent-gbtest"
#define NOWHERE_ARGUMENT (long)NOWHERE

/* Calls with arguments that the kernel refuses with something other than EPERM, once it has been reached. */
static const struct {
    const char *name;
    long number, arguments[6];
} calls[] = {
    {"mount", SYS_mount, {(long)"none", NOWHERE_ARGUMENT, (long)"tmpfs", 0, 0}},
    {"umount2", SYS_umount2, {NOWHERE_ARGUMENT}},
    {"pivot_root", SYS_pivot_root, {NOWHERE_ARGUMENT, NOWHERE_ARGUMENT}},
    {"chroot", SYS_chroot, {NOWHERE_ARGUMENT}},
    {"open_tree", 428, {-1, (long)"x", 0}},
    {"move_mount", 429, {-1, (long)"x", -1, (long)"y", 0}},
    {"fsopen", 430, {(long)"gbtest", 0}},
    {"fsconfig", 431, {-1, 0, 0, 0, 0}},
    {"fsmount", 432, {-1, 0, 0}},
    {"fspick", 433, {-1, (long)"x", 0}},
    {"mount_setattr", 442, {-1, (long)"x", 0, 0, 0}},
    {"unshare nothing", SYS_unshare, {0}},
    {"setns", SYS_setns, {-1, 0}},
    {"reboot", SYS_reboot, {0, 0, 0, 0}},
    {"kexec_load", SYS_kexec_load, {0, 9999, 0, 0}},
    {"kexec_file_load", SYS_kexec_file_load, {-1, -1, 0, 0, -1}},
    {"init_module", SYS_init_module, {0, 0, 0}},
    {"finit_module", SYS_finit_module, {-1, 0, 0}},
    {"delete_module", SYS_delete_module, {0, 0}},
    {"swapon", SYS_swapon, {NOWHERE_ARGUMENT, 0}},
    {"swapoff", SYS_swapoff, {NOWHERE_ARGUMENT}},
    {"acct", SYS_acct, {NOWHERE_ARGUMENT}},
    {"quotactl", SYS_quotactl, {-1, 0, 0, 0}},
    {"quotactl_fd", 443, {-1, -1, 0, 0}},
    {"syslog", SYS_syslog, {99, 0, 0}},
    {"settimeofday", SYS_settimeofday, {0, 0}},
    {"clock_settime", SYS_clock_settime, {9999, 0}},
    {"adjtimex", SYS_adjtimex, {0}},
    {"clock_adjtime", SYS_clock_adjtime, {0, 0}},
    {"sethostname", SYS_sethostname, {0, -1}},
    {"setdomainname", SYS_setdomainname, {0, -1}},
#ifdef __x86_64__
    {"iopl", SYS_iopl, {99}},
    {"ioperm", SYS_ioperm, {0, 0, 1}},
    {"modify_ldt", SYS_modify_ldt, {99, 0, 0}},
#endif
    {"bpf", SYS_bpf, {9999, 0, 0}},
    {"perf_event_open", SYS_perf_event_open, {0, 0, 0, 0, 0}},
    {"fanotify_init", SYS_fanotify_init, {-1, 0}},
    {"add_key", SYS_add_key, {0, 0, 0, 0, 0}},
    {"request_key", SYS_request_key, {0, 0, 0, 0}},
    {"keyctl", SYS_keyctl, {9999, 0, 0, 0}},
    {"open_by_handle_at", SYS_open_by_handle_at, {-1, 0, 0}},
    {"userfaultfd", SYS_userfaultfd, {-1}},
    {"kcmp", SYS_kcmp, {0, 0, 99, 0, 0}},
    {"io_uring_setup", 425, {0, 0}},
    {"io_uring_enter", 426, {-1, 0, 0, 0, 0}},
    {"io_uring_register", 427, {-1, 0, 0, 0}},
};

static long call(const char *name)
{
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        const long *a = calls[i].arguments;
        if (strcmp(calls[i].name, name) == 0)
            return syscall(calls[i].number, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
    fprintf(stderr, "no call %s\n", name);
    exit(2);
}

/* getpid() as a 32-bit program calls it. */
static long foreign(void)
{
#ifdef __x86_64__
    long result = 20;
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
    if (result < 0 && result > -4096) {
        errno = (int)-result;
        return -1;
    }
    return result;
#else
    errno = ENOSYS;
    return -1;
#endif
}

static long clone_with(unsigned long flags)
{
    long pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        _exit(0);
    return pid < 0 ? -1 : waitpid((pid_t)pid, NULL, 0);
}

static long clone3_with(uint64_t flags)
{
    uint64_t arguments[8] = {flags, 0, 0, 0, SIGCHLD, 0, 0, 0};
    long pid = syscall(435, arguments, sizeof arguments);
    if (pid == 0)
        _exit(0);
    return pid < 0 ? -1 : waitpid((pid_t)pid, NULL, 0);
}

static long enter_own(const char *type)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/ns/%s", type);
    int fd = open(path, O_RDONLY);
    return fd < 0 ? -1 : setns(fd, 0);
}

static long trace(pid_t pid)
{
    long result = ptrace(PTRACE_SEIZE, pid, 0, 0);
    if (result == 0)
        ptrace(PTRACE_DETACH, pid, 0, 0); /* EOF of ours detaches anyway */
    return result;
}

static long memory_of(pid_t pid, unsigned long address, int write)
{
    char byte[1];
    struct iovec here = {byte, 1}, there = {(void *)address, 1};
    return write ? process_vm_writev(pid, &here, 1, &there, 1, 0) : process_vm_readv(pid, &here, 1, &there, 1, 0);
}

static long descriptor_of(pid_t pid)
{
    long fd = syscall(434, pid, 0); /* pidfd_open */
    return fd < 0 ? -1 : syscall(438, fd, 0, 0); /* pidfd_getfd */
}

static long inject(unsigned long request)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
        exit(3);
    setsid();
    int terminal = open(ptsname(master), O_RDWR);
    if (terminal < 0)
        exit(3);
    signal(SIGHUP, SIG_IGN);
    return ioctl(terminal, request, "x");
}

static long hang_up(void)
{
    pid_t child = fork();
    if (child == 0) {
        setsid(); /* no terminal of ours is hung up */
        long result = syscall(SYS_vhangup);
        _exit(result == 0 ? 0 : errno);
    }
    int status;
    waitpid(child, &status, 0);
    errno = WEXITSTATUS(status);
    return errno == 0 ? 0 : -1;
}

static long interface_flags(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    return ioctl(fd, SIOCGIFFLAGS, &request) != 0 ? -1 : ioctl(fd, SIOCSIFFLAGS, &request);
}

/* Sets the flags of the loopback to what they are: an answer of 0, or the errno. */
static long change_by_netlink(void)
{
    struct {
        struct nlmsghdr header;
        struct ifinfomsg link;
    } request = {.header = {.nlmsg_len = sizeof request, .nlmsg_type = RTM_NEWLINK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
        .link = {.ifi_family = AF_UNSPEC, .ifi_index = 1}};
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
    } answer = {.error = {.error = 0}};
    int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    if (fd < 0 || send(fd, &request, sizeof request, 0) < 0 || recv(fd, &answer, sizeof answer, 0) < (ssize_t)sizeof(struct nlmsghdr))
        return -1;
    errno = -answer.error.error;
    return errno == 0 ? 0 : -1;
}

static int netlink_group(int protocol, unsigned groups)
{
    const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = groups};
    int fd = socket(AF_NETLINK, SOCK_DGRAM, protocol);
    return fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 ? -1 : fd;
}

/* Asks the kernel to tell of all processes of the machine that begin and end, and to stop that. */
static long watch_processes(void)
{
    struct {
        struct nlmsghdr header;
        struct cn_msg message;
        enum proc_cn_mcast_op operation;
    } request = {.header = {.nlmsg_len = sizeof request, .nlmsg_type = NLMSG_DONE},
        .message = {.id = {CN_IDX_PROC, CN_VAL_PROC}, .len = sizeof request.operation},
        .operation = PROC_CN_MCAST_LISTEN};
    int fd = netlink_group(NETLINK_CONNECTOR, CN_IDX_PROC);
    if (fd < 0 || send(fd, &request, sizeof request, 0) < 0)
        return -1;
    request.operation = PROC_CN_MCAST_IGNORE;
    return send(fd, &request, sizeof request, 0);
}

/* For controls: the same mounts, in a mount namespace of its own. */
static int with_own_mounts(const char *place)
{
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return -1;
    return mount("gbtest", place, "tmpfs", MS_RDONLY, NULL);
}

static long open_handle(void)
{
    struct {
        struct file_handle handle;
        unsigned char room[128];
    } file = {.handle = {.handle_bytes = 128}};
    int mount, dir = open("/", O_RDONLY | O_DIRECTORY);
    if (syscall(SYS_name_to_handle_at, AT_FDCWD, "/", &file.handle, &mount, 0) != 0)
        exit(3);
    return syscall(SYS_open_by_handle_at, dir, &file.handle, O_RDONLY);
}

static long all_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &header, data) != 0)
        return -1;
    data[0].effective = data[0].permitted = data[0].permitted | 1u << CAP_SYS_ADMIN | 1u << CAP_SYS_PTRACE | 1u << CAP_NET_ADMIN;
    return syscall(SYS_capset, &header, data);
}

static long file_capability(const char *path)
{
    const uint32_t value[5] = {0x02000001, 1u << CAP_SYS_ADMIN, 0, 0, 0};
    return setxattr(path, "security.capability", value, sizeof value, 0);
}

static long real_time(void)
{
    const struct sched_param parameter = {.sched_priority = 1};
    return sched_setscheduler(0, SCHED_FIFO, &parameter);
}

static long sched_all(pid_t pid)
{
    cpu_set_t set;
    if (sched_getaffinity(pid, sizeof set, &set) != 0)
        return -1;
    return sched_setaffinity(pid, sizeof set, &set);
}

static char target_byte = 'b';

/* Prints the address of a byte, and stays until its standard input ends. */
static void bystander(key_t key, const char *queue)
{
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
    int shm = shmget(key, 4096, IPC_CREAT | 0666), sem = semget(key, 1, IPC_CREAT | 0666), msg = msgget(key, IPC_CREAT | 0666);
    mqd_t mq = mq_open(queue, O_CREAT | O_RDWR, 0666, NULL);
    printf("%lu\n", (unsigned long)&target_byte);
    fflush(stdout);
    char byte;
    while (read(0, &byte, 1) > 0)
        continue;
    shmctl(shm, IPC_RMID, NULL);
    semctl(sem, 0, IPC_RMID);
    msgctl(msg, IPC_RMID, NULL);
    if (mq >= 0)
        mq_unlink(queue);
}

static long act(const char *name, char **arguments, int count)
{
    const char *text = count > 0 ? arguments[0] : "";
    long number = strtol(text, NULL, 0), second = count > 1 ? strtol(arguments[1], NULL, 0) : 0;
#define IS(word) (strcmp(name, word) == 0)
    if (exhausting(name) != NULL)
        return exhausting(name)(number);
    if (IS("call"))
        return call(text);
    if (IS("foreign"))
        return foreign();
    if (IS("unshare"))
        return unshare((int)number);
    if (IS("clone"))
        return clone_with((unsigned long)number);
    if (IS("clone3"))
        return clone3_with((uint64_t)number);
    if (IS("setns"))
        return enter_own(text);
    if (IS("trace"))
        return trace((pid_t)number);
    if (IS("read-memory") || IS("write-memory"))
        return memory_of((pid_t)number, strtoul(arguments[1], NULL, 0), IS("write-memory"));
    if (IS("pidfd"))
        return syscall(434, number, 0);
    if (IS("pidfd-getfd"))
        return descriptor_of((pid_t)number);
    if (IS("prlimit")) {
        struct rlimit limit;
        return prlimit((pid_t)number, RLIMIT_CORE, NULL, &limit) != 0 ? -1 : prlimit((pid_t)number, RLIMIT_CORE, &limit, NULL);
    }
    if (IS("renice"))
        return setpriority(PRIO_PROCESS, (id_t)number, 5);
    if (IS("affinity"))
        return sched_all((pid_t)number);
    if (IS("move-pages"))
        return syscall(SYS_move_pages, number, 0, 0, 0, 0, 0);
    if (IS("robust-list")) {
        void *head;
        size_t length;
        return syscall(SYS_get_robust_list, number, &head, &length);
    }
    if (IS("shm"))
        return shmget((key_t)number, 0, 0);
    if (IS("sem"))
        return semget((key_t)number, 0, 0);
    if (IS("msg"))
        return msgget((key_t)number, 0);
    if (IS("mq"))
        return mq_open(text, O_RDWR);
    if (IS("inject"))
        return inject((unsigned long)number);
    if (IS("hang-up"))
        return hang_up();
    if (IS("socket"))
        return socket((int)number, (int)second, count > 2 ? (int)strtol(arguments[2], NULL, 0) : 0);
    if (IS("interface"))
        return interface_flags();
    if (IS("netlink-change"))
        return change_by_netlink();
    if (IS("netlink-audit"))
        return netlink_group(NETLINK_AUDIT, 1);
    if (IS("netlink-processes"))
        return watch_processes();
    if (IS("own-mounts"))
        return with_own_mounts(text) != 0 ? -1 : act(arguments[1], arguments, 1);
    if (IS("remount"))
        return mount(NULL, text, NULL, MS_REMOUNT | MS_BIND, NULL);
    if (IS("umount"))
        return umount2(text, MNT_DETACH);
    if (IS("handle"))
        return open_handle();
    if (IS("capset"))
        return all_capabilities();
    if (IS("file-capability"))
        return file_capability(text);
    if (IS("nice"))
        return setpriority(PRIO_PROCESS, 0, -10);
    if (IS("real-time"))
        return real_time();
    if (IS("terminal"))
        return open("/dev/tty", O_RDWR);
    if (IS("euid")) {
        errno = EPERM;
        return geteuid() == (uid_t)number ? 0 : -1;
    }
    if (IS("kill-all"))
        return kill(-1, SIGKILL);
    if (IS("end-by-limit")) { /* of processor time, which the process has used up */
        const struct rlimit none = {0, 0};
        return prlimit((pid_t)number, RLIMIT_CPU, &none, NULL);
    }
    if (IS("sibling")) { /* through an inherited directory */
        int dir = openat((int)number, "..", O_PATH);
        return dir < 0 ? -1 : openat(dir, arguments[1], O_RDONLY);
    }
    fprintf(stderr, "no act %s\n", name);
    exit(2);
}

int main(int count, char **arguments)
{
    if (count == 4 && strcmp(arguments[1], "bystander") == 0) {
        bystander((key_t)strtol(arguments[2], NULL, 0), arguments[3]);
        return 0;
    }
    if (count < 2)
        return 2;
    errno = 0;
    long result = act(arguments[1], arguments + 2, count - 2);
    puts(result >= 0 ? "ok" : strerrorname_np(errno));
    return 0;
}
