/*
 * The filter of system calls, as the kernel would execute it: an interpreter of what instructions it is made of. Built for arm64 and run by an
 * emulator it tests that architecture's filter, which no kernel at hand could install.
 */
#include "../process.h"
#include "tap.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#else
#define NATIVE AUDIT_ARCH_AARCH64
#endif

static struct sock_filter program[GB_FILTER_LENGTH];
static unsigned short length;

static uint32_t execute(const struct seccomp_data *data)
{
    uint32_t accumulator = 0;
    for (size_t at = 0;; at++) {
        check(at < length);
        const struct sock_filter *each = &program[at];
        switch (each->code) {
        case BPF_LD | BPF_W | BPF_ABS:
            check(each->k % 4 == 0 && each->k < sizeof *data); /* what the kernel verifies */
            memcpy(&accumulator, (const char *)data + each->k, sizeof accumulator);
            break;
        case BPF_JMP | BPF_JEQ | BPF_K:
            at += accumulator == each->k ? each->jt : each->jf;
            break;
        case BPF_JMP | BPF_JGE | BPF_K:
            at += accumulator >= each->k ? each->jt : each->jf;
            break;
        case BPF_JMP | BPF_JGT | BPF_K:
            at += accumulator > each->k ? each->jt : each->jf;
            break;
        case BPF_JMP | BPF_JSET | BPF_K:
            at += accumulator & each->k ? each->jt : each->jf;
            break;
        case BPF_RET | BPF_K:
            return each->k;
        default:
            tap_fail(__FILE__, __LINE__, "instruction %zu has the unknown code %u", at, each->code);
        }
    }
}

static uint32_t call(long number, uint64_t first, uint64_t second)
{
    const struct seccomp_data data = {.nr = (int)number, .arch = NATIVE, .args = {first, second}};
    return execute(&data);
}

#define REFUSED (SECCOMP_RET_ERRNO | EPERM)
#define MISSING (SECCOMP_RET_ERRNO | ENOSYS)
#define NO_FAMILY (SECCOMP_RET_ERRNO | EAFNOSUPPORT)
#define PASSED SECCOMP_RET_ALLOW

static void with(unsigned permitted)
{
    length = gb_seccomp_program(permitted, program);
    check(length > 0 && length <= GB_FILTER_LENGTH);
}

static const long administration[] = {SYS_reboot, SYS_kexec_load, SYS_kexec_file_load, SYS_init_module, SYS_finit_module, SYS_delete_module,
    SYS_swapon, SYS_swapoff, SYS_acct, SYS_quotactl, 443, SYS_syslog, SYS_settimeofday, SYS_clock_settime, SYS_adjtimex, SYS_clock_adjtime,
    SYS_vhangup, SYS_bpf, SYS_perf_event_open, SYS_fanotify_init, SYS_add_key, SYS_request_key, SYS_keyctl, SYS_open_by_handle_at,
    SYS_userfaultfd, SYS_kcmp,
#if defined(__x86_64__)
    SYS_iopl, SYS_ioperm, SYS_modify_ldt,
#endif
};
static const long walls[] = {SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, 428, 429, 430, 431, 432, 433, 442, SYS_unshare, SYS_setns,
    SYS_sethostname, SYS_setdomainname};
static const long everyday[] = {SYS_read, SYS_write, SYS_openat, SYS_close, SYS_mmap, SYS_brk, SYS_execve, SYS_exit_group, SYS_futex,
    SYS_clock_gettime, SYS_getrandom, SYS_epoll_pwait, SYS_wait4, SYS_kill, SYS_ptrace, SYS_fchownat, SYS_renameat2, SYS_setuid, SYS_seccomp,
    434 /* pidfd_open */, 436 /* close_range */, 437 /* openat2 */, 439 /* faccessat2 */, 441 /* epoll_pwait2 */, 449 /* futex_waitv */};

#define EACH(list, permitted, expected) \
    do { \
        with(permitted); \
        for (size_t i = 0; i < sizeof(list) / sizeof(list)[0]; i++) { \
            uint32_t answer = call((list)[i], 0, 0); \
            if (answer != (expected)) \
                tap_fail(__FILE__, __LINE__, "system call %ld: %#x, not %#x", (list)[i], answer, (unsigned)(expected)); \
        } \
    } while (0)

static void administration_is_refused(void)
{
    EACH(administration, 0, REFUSED);
    EACH(administration, GB_FILTER_NAMESPACES | GB_FILTER_RINGS, REFUSED);
}

static void mounts_and_namespaces_are_refused_unless_permitted(void)
{
    EACH(walls, 0, REFUSED);
    EACH(walls, GB_FILTER_NAMESPACES, PASSED);
}

static void everyday_calls_pass(void)
{
    EACH(everyday, 0, PASSED);
    EACH(everyday, GB_FILTER_NAMESPACES | GB_FILTER_RINGS, PASSED);
}

static void clone_is_refused_with_a_namespace(void)
{
    static const unsigned long flags[] = {CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET, 0x02000000};
    with(0);
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        check_number(call(SYS_clone, flags[i] | 17, 0), REFUSED);
    check_number(call(SYS_clone, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, 0), PASSED);
    check_number(call(435, 0, 0), MISSING); /* clone3: the C library does without */
    with(GB_FILTER_NAMESPACES);
    check_number(call(SYS_clone, CLONE_NEWUSER, 0), PASSED);
    check_number(call(435, 0, 0), PASSED);
}

static void rings_are_missing_unless_permitted(void)
{
    for (long number = 425; number <= 427; number++) {
        with(0);
        check_number(call(number, 0, 0), MISSING);
        with(GB_FILTER_RINGS);
        check_number(call(number, 0, 0), PASSED);
    }
    with(0);
    check_number(call(424, 0, 0), PASSED);
}

static void terminals_take_no_words(void)
{
    with(0);
    check_number(call(SYS_ioctl, 0, TIOCSTI), REFUSED);
    check_number(call(SYS_ioctl, 0, 0x541C), REFUSED); /* TIOCLINUX */
    check_number(call(SYS_ioctl, 0, TIOCGWINSZ), PASSED);
    check_number(call(SYS_ioctl, TIOCSTI, 0), PASSED); /* a descriptor of that number */
}

static void address_families_of_the_machine_are_missing(void)
{
    with(0);
    check_number(call(SYS_socket, 40, SOCK_STREAM), NO_FAMILY); /* vsock */
    check_number(call(SYS_socket, 42, SOCK_DGRAM), NO_FAMILY);  /* qipcrtr */
    check_number(call(SYS_socket, AF_UNIX, SOCK_STREAM), PASSED);
    check_number(call(SYS_socket, AF_INET6, SOCK_STREAM), PASSED);
    check_number(call(SYS_socket, AF_NETLINK, SOCK_RAW), PASSED);
}

static void foreign_architectures_are_refused(void)
{
    static const uint32_t others[] = {AUDIT_ARCH_I386, AUDIT_ARCH_ARM, AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64, AUDIT_ARCH_RISCV64, 0};
    with(GB_FILTER_NAMESPACES | GB_FILTER_RINGS);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const struct seccomp_data data = {.nr = SYS_getpid, .arch = others[i]};
        check_number(execute(&data), others[i] == NATIVE ? PASSED : REFUSED);
    }
#if defined(__x86_64__)
    check_number(call(0x40000000 | SYS_getpid, 0, 0), MISSING); /* x32 */
#endif
}

/* Whatever the call and its arguments, the program comes to an end and says one of these. */
static void every_number_has_an_answer(void)
{
    for (unsigned permitted = 0; permitted < 8; permitted++) {
        if (permitted & GB_FILTER_OFF)
            continue;
        with(permitted);
        for (long number = -1; number < 1024; number++) {
            uint32_t answer = call(number, ~UINT64_C(0), ~UINT64_C(0));
            check(answer == REFUSED || answer == MISSING || answer == NO_FAMILY || answer == PASSED);
        }
    }
}

int main(int argc, char **argv)
{
    static const struct tap_case cases[] = {
        {"administration of the machine is refused", administration_is_refused},
        {"mounts and namespaces are refused unless they are permitted", mounts_and_namespaces_are_refused_unless_permitted},
        {"everyday calls pass", everyday_calls_pass},
        {"clone is refused with a namespace, and clone3 is missing", clone_is_refused_with_a_namespace},
        {"rings are missing unless they are permitted", rings_are_missing_unless_permitted},
        {"terminals take no words", terminals_take_no_words},
        {"address families of the machine are missing", address_families_of_the_machine_are_missing},
        {"foreign architectures are refused", foreign_architectures_are_refused},
        {"every number has an answer", every_number_has_an_answer},
    };
    return tap_main(argc, argv, cases, sizeof cases / sizeof cases[0], NULL);
}
