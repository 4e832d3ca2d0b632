/*
 * Prefaulting. After a fork every first write to a page costs a copy-on-write fault, and every first use of code a fault too;
 * populating the same pages in one madvise() call costs a fraction of it. Which pages a worker needs hardly differs from file
 * to file, so one child records them in memory that it shares with the template, which takes what lies in its own mappings over into
 * memory of its own; later children populate them. No other child shares that memory.
 */
#include "fork.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

#define MAX_RANGES 32768
#define MAX_MAPPINGS 8192
#define ENTRIES 8192 /* of pagemap, read at a time */
#define PRESENT (1ull << 63)
#define FILE_OR_SHARED (1ull << 61)
#define EXCLUSIVE (1ull << 56) /* mapped by this process alone: it has been copied */

struct range {
    uintptr_t begin, end;
    bool written; /* else it is code or constants: pages of a file, which fork() leaves out of the child's page tables */
};

struct working_set {
    unsigned count; /* 0 until a child has recorded; written last */
    struct range ranges[MAX_RANGES];
};

static struct working_set *shared; /* for the recorder to write to; NULL once the template has taken what it wrote */
static pid_t recorder;             /* the child that has it, too; 0: the next one will */
static struct range *wanted;       /* the template's own copy */
static unsigned wanted_count;
static struct range mappings[MAX_MAPPINGS];
static unsigned mapping_count;
static size_t page;

/* Reads the private mappings of the process: the writable ones are what a fork copies lazily. */
static void read_mappings(void)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char *line = NULL;
    size_t capacity = 0;
    mapping_count = 0;
    while (maps != NULL && getline(&line, &capacity, maps) > 0 && mapping_count < MAX_MAPPINGS) {
        unsigned long begin, end, inode;
        char permissions[5];
        if (sscanf(line, "%lx-%lx %4s %*s %*s %lu", &begin, &end, permissions, &inode) != 4)
            continue;
        bool writable = permissions[1] == 'w';
        if (permissions[0] == 'r' && permissions[3] == 'p' && (writable || inode != 0))
            mappings[mapping_count++] = (struct range){begin, end, writable};
    }
    free(line);
    if (maps != NULL)
        fclose(maps);
}

void gb_pages_prepare(void)
{
    page = (size_t)sysconf(_SC_PAGESIZE);
    if (shared == NULL) {
        void *memory = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        shared = memory == MAP_FAILED ? NULL : memory;
    }
    read_mappings();
}

/* The range came from a worker, which ran whatever its file told it to. */
static bool is_mapped(const struct range *range)
{
    for (unsigned i = 0; i < mapping_count; i++) {
        if (range->begin >= mappings[i].begin && range->begin < range->end && range->end <= mappings[i].end)
            return range->written == mappings[i].written;
    }
    return false;
}

static void give_up_shared(void)
{
    if (shared != NULL)
        munmap(shared, sizeof *shared);
    shared = NULL;
}

void gb_pages_adopt(void)
{
    unsigned count = shared == NULL ? 0 : __atomic_load_n(&shared->count, __ATOMIC_ACQUIRE);
    if (count == 0)
        return;
    if (count > MAX_RANGES)
        count = MAX_RANGES;
    void *memory = mmap(NULL, count * sizeof *wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (unsigned i = 0; memory != MAP_FAILED && i < count; i++) {
        struct range range = shared->ranges[i];
        wanted = memory;
        if (is_mapped(&range))
            wanted[wanted_count++] = range;
    }
    give_up_shared();
}

void gb_pages_forked(pid_t pid)
{
    if (shared != NULL && recorder == 0)
        recorder = pid;
}

void gb_pages_ended(pid_t pid)
{
    if (pid == recorder)
        recorder = 0; /* whether or not it recorded anything: a file may have killed it */
}

void gb_pages_leave_recorder(void)
{
    if (recorder != 0)
        give_up_shared();
}

void gb_pages_populate(void)
{
    /* A range that is gone or a kernel without the advice only costs the faults that would have come anyway. */
    for (unsigned i = 0; i < wanted_count; i++) {
        const struct range *range = &wanted[i];
        madvise((void *)range->begin, range->end - range->begin, range->written ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
    }
}

static unsigned add_page(unsigned count, uintptr_t address, bool written)
{
    struct range *last = count > 0 ? &shared->ranges[count - 1] : NULL;
    if (last != NULL && last->end == address && last->written == written) {
        last->end += page;
        return count;
    }
    if (count == MAX_RANGES)
        return count;
    shared->ranges[count] = (struct range){address, address + page, written};
    return count + 1;
}

int gb_pages_record(void)
{
    if (shared == NULL || shared->count != 0)
        return 0;
    int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    if (pagemap < 0)
        return -1;
    static uint64_t entries[ENTRIES];
    unsigned count = 0;
    int pages = 0;
    for (unsigned i = 0; i < mapping_count; i++) {
        for (uintptr_t address = mappings[i].begin; address < mappings[i].end;) {
            size_t missing = (mappings[i].end - address) / page;
            size_t room = missing < ENTRIES ? missing : ENTRIES;
            ssize_t got = pread(pagemap, entries, room * sizeof *entries, (off_t)(address / page * sizeof *entries));
            if (got <= 0)
                break;
            size_t number = (size_t)got / sizeof *entries;
            for (size_t k = 0; k < number; k++, address += page) {
                bool dirty = (entries[k] & (PRESENT | FILE_OR_SHARED | EXCLUSIVE)) == (PRESENT | EXCLUSIVE);
                if (mappings[i].written ? !dirty : !(entries[k] & PRESENT))
                    continue;
                count = add_page(count, address, mappings[i].written);
                pages += dirty;
            }
        }
    }
    close(pagemap);
    __atomic_store_n(&shared->count, count, __ATOMIC_RELEASE);
    return pages;
}
