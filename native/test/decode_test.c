/* The decoder: what it accepts, and what it says about what it does not. Payloads are written as records ended by `|`. */
#include "../decode.h"
#include "../protocol.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

static struct gb_request request;
static struct gb_fault fault;

/* A copy of exact size, so that AddressSanitizer sees a byte read too far. It lives to the end of the case. */
static int decode(const char *records)
{
    size_t length = strlen(records);
    char *payload = malloc(length ? length : 1);
    for (size_t i = 0; i < length; i++)
        payload[i] = (char)(records[i] == '|' ? 0 : records[i]);
    memset(&fault, 0, sizeof fault);
    return gb_decode(payload, length, &request, &fault);
}

static void accept(const char *records)
{
    if (decode(records) != 0)
        tap_fail(__FILE__, __LINE__, "refused: %s: %s", fault.record, fault.reason);
}

#define HEAD "type=create|id=2|sandbox=s-1|hostname=h|network=none|user=caller|stdio=socket|channel=1|scratch.size=4096|"
#define ROOT "mount=bind|mount.source=/|mount.target=/|"

static void every_request_is_decoded(void)
{
    static const struct { const char *records; enum gb_type type; } table[] = {
        {"type=hello|id=1|protocol=1|runDir=/r|socket=/r/s|", GB_T_HELLO},
        {HEAD ROOT, GB_T_CREATE},
        {"type=start|id=3|sandbox=s|arg=/bin/true|cwd=/|", GB_T_START},
        {"type=limits|id=4|sandbox=s|", GB_T_LIMITS},
        {"type=usage|id=5|sandbox=s|", GB_T_USAGE},
        {"type=signal|id=6|sandbox=s|signal=15|", GB_T_SIGNAL},
        {"type=pause|id=7|sandbox=s|", GB_T_PAUSE},
        {"type=resume|id=8|sandbox=s|", GB_T_RESUME},
        {"type=kill|id=9|sandbox=s|", GB_T_KILL},
        {"type=changes|id=10|sandbox=s|", GB_T_CHANGES},
        {"type=export|id=11|sandbox=s|target=/p|path=a|directory=/d|", GB_T_EXPORT},
        {"type=destroy|id=12|sandbox=s|", GB_T_DESTROY},
        {"type=probe|id=13|feature=overlay|", GB_T_PROBE},
        {"type=template|id=14|template=t|arg=node|cwd=/|", GB_T_TEMPLATE},
        {"type=retire|id=15|template=t|", GB_T_RETIRE},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        accept(table[i].records);
        check_number(request.type, table[i].type);
    }
    check_number(sizeof table / sizeof table[0], GB_T_COUNT);
}

static void values_arrive_where_they_belong(void)
{
    accept(HEAD ROOT "limit.memory=268435456|limit.swap=0|limit.cpu.quota=50000|limit.cpu.period=100000|limit.cpu.weight=100|"
           "limit.cpuset=0-1,3|limit.pids=512|limit.io=8:0 rbps=1 wbps=2 riops=3|limit.io=259:16|limit.hugetlb=2MB=4194304|"
           "limit.timeout=300000|time.monotonic=-5|time.boottime=7|rlimit.nofile=1024|rlimit.stack=0|scratch.inodes=9|seccomp=off|permit.namespaces=1|capabilities=none|");
    check_number(request.id, 2);
    check_text(request.sandbox, "s-1");
    check_text(request.hostname, "h");
    check_number(request.channel, 1);
    check_number(request.scratch_size, 4096);
    check_number(request.scratch_inodes, 9);
    check_number(request.seccomp, GB_SECCOMP_OFF);
    check_number(request.permit_namespaces, 1);
    check_number(request.permit_rings, 0);
    check_number(request.capabilities, GB_CAPABILITIES_NONE);
    check(request.time_monotonic == -5 && request.time_boottime == 7);
    check_number(request.rlimits[GB_R_NOFILE], 1024);
    check_number(request.rlimits[GB_R_STACK], 0);
    check_number(request.rlimits[GB_R_CORE], GB_UNSET);
    const struct gb_limits *limits = &request.limits;
    check_number(limits->memory, 268435456);
    check_number(limits->swap, 0);
    check_number(limits->cpu_quota, 50000);
    check_number(limits->cpu_period, 100000);
    check_number(limits->cpu_weight, 100);
    check_text(limits->cpuset, "0-1,3");
    check_number(limits->pids, 512);
    check_number(limits->timeout_ms, 300000);
    check_number(limits->io_count, 2);
    check_text(limits->io[0].device, "8:0");
    check_number(limits->io[0].write_bps, 2);
    check_number(limits->io[0].write_iops, GB_UNSET);
    check_text(limits->io[1].device, "259:16");
    check_number(limits->io[1].read_bps, GB_UNSET);
    check_number(limits->hugetlb_count, 1);
    check_text(limits->hugetlb[0].size, "2MB");
    check_number(limits->hugetlb[0].bytes, 4194304);
}

static void records_of_a_network_policy_are_counted_and_stay_in_the_payload(void)
{
    accept("type=create|id=2|sandbox=s|hostname=h|network=policy|network.forward=5432 db 5432|network.forward=1 ::1 2|network.allow=*.x 443|"
           "user=caller|stdio=socket|channel=1|scratch.size=4096|" ROOT);
    check_number(request.network, GB_NETWORK_POLICY);
    check_number(request.forward_count, 2);
    check_number(request.allow_count, 1);
    check(decode("type=usage|id=1|sandbox=s|network.forward=1 a 1|") == -1);
    check_contains(fault.reason, "not a key of this request");
}

static void absent_limits_are_unset_and_the_next_request_starts_afresh(void)
{
    accept(HEAD ROOT "limit.memory=1|limit.cpuset=0|limit.io=8:0 rbps=1|limit.hugetlb=2MB=1|");
    accept("type=limits|id=4|sandbox=s|");
    check_number(request.limits.memory, GB_UNSET);
    check_number(request.limits.timeout_ms, GB_UNSET);
    check_text(request.limits.cpuset, "");
    check_number(request.limits.io_count + request.limits.hugetlb_count + request.mount_count, 0);
}

static void mounts_keep_their_order_and_their_keys(void)
{
    accept(HEAD ROOT "mount=overlay|mount.source=/p|mount.target=/q|mount=scratch|mount.target=/tmp|mount.mode=1777|"
           "mount=file|mount.target=/etc/hosts|mount.content=a=b|mount.optional=1|mount=mask|mount.target=/m|"
           "mount=proc|mount.target=/proc|mount=dev|mount.target=/dev|mount=cgroup|mount.target=/sys/fs/cgroup|");
    check_number(request.mount_count, 8);
    check_number(request.mounts[0].type, GB_M_BIND);
    check_number(request.mounts[1].type, GB_M_OVERLAY);
    check_text(request.mounts[1].source, "/p");
    check_text(request.mounts[1].target, "/q");
    check_number(request.mounts[2].mode, 01777);
    check_text(request.mounts[3].content, "a=b");
    check_number(request.mounts[3].optional, 1);
    check(request.mounts[4].optional == 0 && request.mounts[4].source == NULL);
    check_number(request.mounts[6].type, GB_M_DEV);
    check_number(request.mounts[7].type, GB_M_CGROUP);
}

static void arguments_and_environment_may_repeat_be_empty_and_hold_anything(void)
{
    accept("type=start|id=3|sandbox=s|arg=sh|arg=|arg=x=y\n|env=A=|env=B=\xff\x01|cwd=/|umask=022|");
    check_number(request.arg_count, 3);
    check_number(request.env_count, 2);
    check_number(request.umask, 022);
    struct gb_record record;
    int args = 0;
    const char *last = NULL;
    for (const char *at = request.payload; gb_next_record(&at, request.payload_end, &record);)
        if (gb_key_is(&record, "arg")) {
            args++;
            last = record.value;
        }
    check_number(args, 3);
    check_text(last, "x=y\n");
    accept("type=start|id=3|sandbox=s|arg=sh|cwd=/|");
    check(request.umask > 0777);
}

static const struct { const char *what, *records, *record, *reason; } refusals[] = {
    {"an empty frame", "", "", "empty"},
    {"a last record without its NUL", "type=usage|id=1|sandbox=s", "type=usage", "no NUL"},
    {"a first record that is no type", "id=1|type=usage|", "id=1", "type="},
    {"a request that does not exist", "type=explode|id=1|", "type=explode", "unknown"},
    {"a record without =", "type=usage|id=1|nonsense|", "nonsense", "without ="},
    {"a record without key", "type=usage|id=1|=x|", "=x", "without key"},
    {"an empty record", "type=usage|id=1||", "", "without key"},
    {"an unknown key", "type=usage|id=1|sandbox=s|sandbux=t|", "sandbux=t", "unknown key"},
    {"a key of another request", "type=usage|id=1|sandbox=s|arg=x|", "arg=x", "not a key of this request"},
    {"a repeated key", "type=usage|id=1|sandbox=s|sandbox=t|", "sandbox=t", "repeated"},
    {"no id", "type=usage|sandbox=s|", "id", "missing"},
    {"no sandbox", "type=usage|id=1|", "sandbox", "missing"},
    {"a name with a slash", "type=usage|id=1|sandbox=../x|", "sandbox=../x", "name"},
    {"an empty name", "type=usage|id=1|sandbox=|", "sandbox=", "name"},
    {"a name of 64 bytes", "type=usage|id=1|sandbox=0123456789012345678901234567890123456789012345678901234567890123|", "sandbox=012", "name"},
    {"a number that is none", "type=limits|id=1|sandbox=s|limit.memory=12k|", "limit.memory=12k", "number"},
    {"an empty number", "type=limits|id=1|sandbox=s|limit.memory=|", "limit.memory=", "number"},
    {"a negative number", "type=limits|id=1|sandbox=s|limit.memory=-1|", "limit.memory=-1", "number"},
    {"a number of 65 bits", "type=limits|id=18446744073709551616|sandbox=s|", "id=18446744073709551616", "number"},
    {"the number that means unset", "type=limits|id=1|sandbox=s|limit.memory=18446744073709551615|", "limit.memory=", "number"},
    {"a clock offset beyond 63 bits", HEAD ROOT "time.monotonic=-9223372036854775809|", "time.monotonic=", "number"},
    {"a mode that is not octal", HEAD ROOT "mount=scratch|mount.target=/t|mount.mode=8|", "mount.mode=8", "octal"},
    {"a mode too large", HEAD ROOT "mount=scratch|mount.target=/t|mount.mode=17777|", "mount.mode=17777", "octal"},
    {"a choice that is none", "type=probe|id=1|feature=warp|", "feature=warp", "unknown value"},
    {"a relative path", "type=start|id=1|sandbox=s|arg=x|cwd=tmp|", "cwd=tmp", "absolute"},
    {"start without a command", "type=start|id=1|sandbox=s|cwd=/|", "arg", "missing"},
    {"create without a mount", HEAD, "mount", "missing"},
    {"a mount key before any mount", HEAD "mount.source=/|" ROOT, "mount.source=/", "no mount before"},
    {"a mount without target", HEAD ROOT "mount=proc|", "mount=proc", "missing"},
    {"a bind without source in the middle", HEAD "mount=bind|mount.target=/|mount=proc|mount.target=/proc|", "mount=bind", "missing"},
    {"a key of another type of mount", HEAD ROOT "mount=proc|mount.target=/proc|mount.mode=755|", "mount.mode=755", "type of mount"},
    {"a repeated mount key", HEAD ROOT "mount.target=/x|", "mount.target=/x", "repeated"},
    {"an unknown mount key", HEAD ROOT "mount.colour=red|", "mount.colour=red", "unknown key"},
    {"an unknown type of mount", HEAD ROOT "mount=nfs|", "mount=nfs", "unknown value"},
    {"a cpuset with letters", "type=limits|id=1|sandbox=s|limit.cpuset=0-x|", "limit.cpuset=0-x", "CPUs"},
    {"an io rule without device", "type=limits|id=1|sandbox=s|limit.io=rbps=1|", "limit.io=rbps=1", "MAJ:MIN"},
    {"an io rule of an unknown kind", "type=limits|id=1|sandbox=s|limit.io=8:0 speed=1|", "limit.io=8:0 speed=1", "rbps"},
    {"an io rule with the same kind twice", "type=limits|id=1|sandbox=s|limit.io=8:0 rbps=1 rbps=2|", "limit.io=8:0", "rbps"},
    {"an io device too long", "type=limits|id=1|sandbox=s|limit.io=1:0000000000000000000000001|", "limit.io=1:0", "MAJ:MIN"},
    {"huge pages of a strange size", "type=limits|id=1|sandbox=s|limit.hugetlb=../x=1|", "limit.hugetlb=../x=1", "SIZE"},
};

static void a_fault_names_the_record_and_the_reason(void)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        if (decode(refusals[i].records) != -1)
            tap_fail(__FILE__, __LINE__, "accepted: %s", refusals[i].what);
        if (!strstr(fault.record, refusals[i].record) || !strstr(fault.reason, refusals[i].reason))
            tap_fail(__FILE__, __LINE__, "%s: \"%s\": %s", refusals[i].what, fault.record, fault.reason);
    }
}

static char long_text[65536];

static void begin(const char *text)
{
    long_text[0] = 0;
    strncat(long_text, text, sizeof long_text - 1);
}

static void append(const char *unit, int count)
{
    while (count-- > 0)
        strncat(long_text, unit, sizeof long_text - strlen(long_text) - 1);
}

static void too_many_of_anything_is_refused(void)
{
    begin(HEAD);
    append(ROOT, GB_MAX_MOUNTS);
    accept(long_text);
    check_number(request.mount_count, GB_MAX_MOUNTS);
    append(ROOT, 1);
    check(decode(long_text) == -1);
    check_contains(fault.reason, "too many mounts");

    begin("type=limits|id=1|sandbox=s|");
    append("limit.io=8:0 rbps=1|", GB_MAX_IO_RULES);
    accept(long_text);
    append("limit.io=8:0|", 1);
    check(decode(long_text) == -1);
    check_contains(fault.reason, "too many io rules");

    begin("type=limits|id=1|sandbox=s|");
    append("limit.hugetlb=2MB=1|", GB_MAX_HUGETLB);
    accept(long_text);
    append("limit.hugetlb=2MB=1|", 1);
    check(decode(long_text) == -1);
    check_contains(fault.reason, "too many huge page sizes");
}

static void a_fault_shows_unprintable_bytes_as_question_marks_and_is_cut(void)
{
    begin("type=usage|id=1|sandbox=\x01\xff\n");
    append("a", 300);
    append("|", 1);
    check(decode(long_text) == -1);
    check_contains(fault.record, "sandbox=???aaa");
    check_number(strlen(fault.record), sizeof fault.record - 1);
}

static void frames_are_cut_from_a_stream(void)
{
    const unsigned char whole[] = {3, 0, 0, 0, 'a', '=', 0, 9}, huge[] = {1, 0, 16, 0, 'x', 'y'}, most[] = {0, 0, 16, 0};
    size_t length = 0;
    for (size_t available = 0; available < 7; available++)
        check_number(gb_frame(whole, available, &length, &fault), 0);
    check_number(gb_frame(whole, 7, &length, &fault), 1);
    check_number(length, 3);
    check_number(gb_frame(whole, 8, &length, &fault), 1);
    check_number(gb_frame(most, 4, &length, &fault), 0);
    check_number(length, GB_MAX_REQUEST);
    check(gb_frame(huge, 6, &length, &fault) == -1);
    check_text(fault.record, "xy");
    check_contains(fault.reason, "longer than 1 MiB");
}

#define CASE(title, function) {title, function}
int main(int argc, char **argv)
{
    static const struct tap_case cases[] = {
        CASE("every request is decoded", every_request_is_decoded),
        CASE("values arrive where they belong", values_arrive_where_they_belong),
        CASE("records of a network policy are counted, and stay in the payload", records_of_a_network_policy_are_counted_and_stay_in_the_payload),
        CASE("absent limits are unset, and the next request starts afresh", absent_limits_are_unset_and_the_next_request_starts_afresh),
        CASE("mounts keep their order and their keys", mounts_keep_their_order_and_their_keys),
        CASE("arguments and environment may repeat, be empty and hold anything", arguments_and_environment_may_repeat_be_empty_and_hold_anything),
        CASE("a fault names the record and the reason", a_fault_names_the_record_and_the_reason),
        CASE("too many of anything is refused", too_many_of_anything_is_refused),
        CASE("a fault shows unprintable bytes as question marks and is cut", a_fault_shows_unprintable_bytes_as_question_marks_and_is_cut),
        CASE("frames are cut from a stream", frames_are_cut_from_a_stream),
    };
    return tap_main(argc, argv, cases, sizeof cases / sizeof cases[0], NULL);
}
