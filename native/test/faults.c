/*
 * Makes the supervisor a fault-injection build of itself when it is linked in (programs.mjs: buildFaulty). A filter traps every system call
 * that is made by this executable's own code, the C library's included; the handler counts it, and either carries it out or lets it fail.
 *
 *   GBTEST_FAULT=DEPTH:CALL:NTH:ERRNO   the NTH system call number CALL of each process that is DEPTH forks deep fails with ERRNO;
 *                                       CALL -1 means the NTH call of any kind, ERRNO -1 that the process dies there
 *   GBTEST_FAULT_COUNTS=FILE            10 KiB: uint32 counts[5][512], of each depth the most calls of each number that one process made;
 *                                       counts[depth][511] of all kinds together, counts[0][510] how many faults were injected
 *
 * Depth 0 is the relay, 1 the keeper, 2 the supervisor, 3 its children (inits, templates). A child of vfork counts
 * as its parent, whose memory it shares.
 * After an exec nothing is trapped any more: the filter looks at where a call comes from, and this executable is linked where no other is.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#ifndef __x86_64__
#error "the trampolines are for x86-64"
#endif

enum { DEPTHS = 5, CALLS = 512, ANY = 511, INJECTED = 510, DEADLY = 0x7fff };

extern const char __executable_start[], etext[];
long gbtest_gate(long number, const long arguments[6]);
extern const char gbtest_gate_start[], gbtest_gate_end[], gbtest_vfork[];

/* The only code whose calls are not trapped. gbtest_vfork must not return through a stack that its child shares: the way back is in r9. */
__asm__(".text\n.global gbtest_gate, gbtest_gate_start, gbtest_gate_end, gbtest_vfork\n"
        "gbtest_gate_start:\n"
        "gbtest_gate:\n"
        "  mov %rdi, %rax\n  mov %rsi, %r11\n"
        "  mov (%r11), %rdi\n  mov 8(%r11), %rsi\n  mov 16(%r11), %rdx\n"
        "  mov 24(%r11), %r10\n  mov 32(%r11), %r8\n  mov 40(%r11), %r9\n"
        "  syscall\n  ret\n"
        "gbtest_vfork:\n"
        "  mov $58, %eax\n  syscall\n  jmp *%r9\n"
        "gbtest_gate_end:\n"
        "  nop\n");

static struct {
    int depth, call, error;
    uint32_t nth;
} fault = {.depth = -1};

static int depth;
static uint32_t made[CALLS];
static uint32_t (*most)[CALLS]; /* shared with all processes, and with the test */

static bool is_due(int call)
{
    made[ANY]++;
    uint32_t nth = call < INJECTED ? ++made[call] : 0;
    if (depth < DEPTHS && most != NULL) {
        if (most[depth][ANY] < made[ANY])
            most[depth][ANY] = made[ANY];
        if (call < INJECTED && most[depth][call] < nth)
            most[depth][call] = nth;
    }
    bool due = depth == fault.depth && (fault.call < 0 ? made[ANY] == fault.nth : call == fault.call && nth == fault.nth);
    if (due && most != NULL)
        most[0][INJECTED]++;
    return due;
}

/* The one signal that must stay ours. */
static bool is_about_sigsys(int call, long first)
{
    return call == SYS_rt_sigaction && first == SIGSYS;
}

static bool forks(int call, long flags)
{
    return call == SYS_fork || call == SYS_clone3 || (call == SYS_clone && !(flags & 0x100 /* CLONE_VM */));
}

static void trapped(int number, siginfo_t *info, void *context)
{
    (void)number;
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    const long arguments[6] = {registers[REG_RDI], registers[REG_RSI], registers[REG_RDX], registers[REG_R10], registers[REG_R8], registers[REG_R9]};
    const int call = info->si_syscall;
    if (is_due(call)) {
        if (fault.error < 0)
            gbtest_gate(DEADLY, arguments);
        registers[REG_RAX] = -fault.error;
        return;
    }
    if (is_about_sigsys(call, arguments[0])) {
        registers[REG_RAX] = 0;
        return;
    }
    if (call == SYS_vfork) {
        registers[REG_R9] = registers[REG_RIP];
        registers[REG_RIP] = (greg_t)(uintptr_t)gbtest_vfork;
        return;
    }
    const long result = gbtest_gate(call, arguments);
    if (result == 0 && forks(call, arguments[0])) {
        depth++;
        for (int i = 0; i < CALLS; i++)
            made[i] = 0;
    }
    registers[REG_RAX] = result;
}

static void read_plan(void)
{
    const char *text = getenv("GBTEST_FAULT");
    char *end = NULL;
    if (text != NULL) {
        fault.depth = (int)strtol(text, &end, 10);
        fault.call = (int)strtol(end + 1, &end, 10);
        fault.nth = (uint32_t)strtoul(end + 1, &end, 10);
        fault.error = (int)strtol(end + 1, &end, 10);
        if (*end != '\0')
            _exit(99);
    }
    const char *path = getenv("GBTEST_FAULT_COUNTS");
    int file = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
    void *shared = file < 0 ? MAP_FAILED : mmap(NULL, sizeof(uint32_t[DEPTHS][CALLS]), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (path != NULL && shared == MAP_FAILED)
        _exit(99);
    close(file);
    most = shared == MAP_FAILED ? NULL : shared;
}

__attribute__((constructor)) static void install(void)
{
    read_plan();
    const struct sigaction action = {.sa_sigaction = trapped, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART};
    const uint32_t from = (uint32_t)(uintptr_t)__executable_start, to = (uint32_t)(uintptr_t)etext;
    const uint32_t gate_from = (uint32_t)(uintptr_t)gbtest_gate_start, gate_to = (uint32_t)(uintptr_t)gbtest_gate_end;
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer) + 4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 11),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, from, 0, 9),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, to, 8, 0),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, gate_from, 0, 1),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, gate_to, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigreturn, 4, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, DEADLY, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof code / sizeof code[0], code};
    if (sigaction(SIGSYS, &action, NULL) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        _exit(99);
}
