/* Start requests on their way to the process that carries them out. */
#include "process.h"
#include "compat.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int gb_memory_file(const char *bytes, size_t length, struct gb_error *error)
{
    int memory = memfd_create("start", MFD_CLOEXEC);
    if (memory >= 0 && write(memory, bytes, length) == (ssize_t)length)
        return memory;
    gb_fail(error, "start-memory", NULL);
    if (memory >= 0)
        close(memory);
    return -1;
}

int gb_read_start(const char *payload, size_t length, struct gb_worker *worker, struct gb_error *error)
{
    const char *cursor = payload, *end = payload + length;
    struct gb_record record;
    size_t args = 0, variables = 0;
    while (gb_next_record(&cursor, end, &record)) {
        args += gb_key_is(&record, "arg");
        variables += gb_key_is(&record, "env");
    }
    char **table = mmap(NULL, (args + variables + 2) * sizeof *table, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (table == MAP_FAILED)
        return gb_fail(error, "start-memory", NULL);
    worker->argv = table;
    worker->table_bytes = (args + variables + 2) * sizeof *table;
    worker->environment = table + args + 1;
    worker->umask = 01000;
    args = variables = 0;
    for (cursor = payload; gb_next_record(&cursor, end, &record);) {
        char *value = (char *)(uintptr_t)record.value;
        if (gb_key_is(&record, "arg"))
            worker->argv[args++] = value;
        else if (gb_key_is(&record, "env"))
            worker->environment[variables++] = value;
        else if (gb_key_is(&record, "cwd"))
            worker->cwd = value;
        else if (gb_key_is(&record, "umask"))
            worker->umask = (unsigned)strtoul(value, NULL, 8);
    }
    return 0;
}

void gb_free_start(struct gb_worker *worker)
{
    if (worker->argv != NULL)
        munmap(worker->argv, worker->table_bytes);
}
