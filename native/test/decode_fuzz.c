/*
 * Fuzzer of the decoder: any bytes give a request or a fault. Beyond what the sanitizers see it checks what the rest of the supervisor
 * relies on: strings lie inside the payload and end there, counts stay within their arrays, a fault says something printable.
 */
#include "../decode.h"
#include "../protocol.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(condition) ((condition) ? (void)0 : abort())

static void must_be_inside(const struct gb_request *request, const char *text)
{
    if (!text)
        return;
    must(text >= request->payload && text < request->payload_end);
    must(memchr(text, 0, (size_t)(request->payload_end - text)) != NULL);
}

static void must_be_a_request(const struct gb_request *request)
{
    const char *texts[] = {request->sandbox, request->run_dir, request->socket, request->hostname, request->cwd, request->cause,
                           request->target, request->directory, request->template};
    must(request->type < GB_T_COUNT);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        must_be_inside(request, texts[i]);
    if (request->sandbox)
        must(strlen(request->sandbox) <= GB_MAX_NAME && !strpbrk(request->sandbox, "/. \n"));
    must(request->mount_count <= GB_MAX_MOUNTS);
#ifdef GBTEST_PLANTED_FAULT
    must(request->umask > 0777 || request->umask == 022); /* the seeds' own: any other is found by mutation */
#endif
    for (unsigned i = 0; i < request->mount_count; i++) {
        must_be_inside(request, request->mounts[i].source);
        must_be_inside(request, request->mounts[i].target);
        must_be_inside(request, request->mounts[i].content);
        must(request->mounts[i].type <= GB_M_CGROUP && request->mounts[i].target && request->mounts[i].target[0] == '/');
    }
    const struct gb_limits *limits = &request->limits;
    must(limits->io_count <= GB_MAX_IO_RULES && limits->hugetlb_count <= GB_MAX_HUGETLB);
    must(memchr(limits->cpuset, 0, sizeof limits->cpuset) != NULL);
    for (unsigned i = 0; i < limits->io_count; i++)
        must(memchr(limits->io[i].device, 0, sizeof limits->io[i].device) != NULL);
    for (unsigned i = 0; i < limits->hugetlb_count; i++)
        must(memchr(limits->hugetlb[i].size, 0, sizeof limits->hugetlb[i].size) != NULL && !strchr(limits->hugetlb[i].size, '/'));
    unsigned records = 0;
    struct gb_record record;
    for (const char *at = request->payload; gb_next_record(&at, request->payload_end, &record); records++)
        must_be_inside(request, record.value);
    must(records > 0);
}

static void must_say_something(const struct gb_fault *fault)
{
    must(memchr(fault->record, 0, sizeof fault->record) != NULL && memchr(fault->reason, 0, sizeof fault->reason) != NULL);
    must(fault->reason[0]);
    for (const char *at = fault->record; *at; at++)
        must(*at >= ' ' && *at <= '~');
}

/* The input is a stream, as from the socket: frames one after the other. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct gb_request request;
    struct gb_fault fault;
    size_t length = 0;
    while (size) {
        memset(&fault, 0, sizeof fault);
        int state = gb_frame(data, size, &length, &fault);
        if (state < 0)
            must_say_something(&fault);
        if (state <= 0)
            return 0;
        must(length <= GB_MAX_REQUEST && length + GB_FRAME_HEADER <= size);
        char *payload = malloc(length + 1); /* of its own, so that a byte too far is seen */
        must(payload != NULL);
        memcpy(payload, data + GB_FRAME_HEADER, length);
        payload = length ? realloc(payload, length) : payload;
        if (gb_decode(payload, length, &request, &fault) == 0)
            must_be_a_request(&request);
        else
            must_say_something(&fault);
        free(payload);
        data += GB_FRAME_HEADER + length;
        size -= GB_FRAME_HEADER + length;
    }
    return 0;
}
