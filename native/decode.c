#include "decode.h"
#include "protocol.h"

#include <string.h>

/* What each key holds, where it is kept, and which requests may or must carry it. The decoder below only walks these tables. */

enum kind { TEXT, ABSOLUTE, NAME, U64, I64, OCTAL, CHOICE, MOUNT, IO_RULE, HUGETLB, CPUSET, COUNTED };

#define BIT(type) (1u << (type))
#define OF_TEMPLATE (BIT(GB_T_TEMPLATE) | BIT(GB_T_RETIRE))
#define OF_SANDBOX (BIT(GB_T_COUNT) - 1u - BIT(GB_T_HELLO) - BIT(GB_T_PROBE) - OF_TEMPLATE)
#define OF_PROCESS (BIT(GB_T_START) | BIT(GB_T_TEMPLATE))
#define OF_LIMITS (BIT(GB_T_CREATE) | BIT(GB_T_LIMITS))
#define AT(member) offsetof(struct gb_request, member)

struct key {
    const char *name;
    enum kind kind;
    bool repeats;
    size_t at;
    unsigned allowed, required; /* bits of request types */
    const char *const *choices;
};

static const char *const type_names[] = {GB_HELLO, GB_CREATE, GB_START, GB_LIMITS, GB_USAGE, GB_SIGNAL, GB_PAUSE,
    GB_RESUME, GB_KILL, GB_CHANGES, GB_EXPORT, GB_DESTROY, GB_PROBE, GB_TEMPLATE, GB_RETIRE, NULL};
static const char *const networks[] = {"none", "host", "policy", NULL};
static const char *const users[] = {"caller", "root", NULL};
static const char *const stdios[] = {"socket", "inherit", "null", NULL};
static const char *const seccomps[] = {"default", "off", NULL};
static const char *const capabilities[] = {"files", "none", NULL};
static const char *const booleans[] = {"0", "1", NULL};
static const char *const features[] = {"user", "pid", "net", "mount", "uts", "ipc", "cgroup", "time", "overlay", "seccomp", "netem", NULL};
static const char *const mount_types[] = {"bind", "overlay", "scratch", "mask", "file", "proc", "dev", "cgroup", NULL};

static const struct key keys[] = {
    {"id", U64, false, AT(id), ~0u, ~0u, NULL},
    {"sandbox", NAME, false, AT(sandbox), OF_SANDBOX, OF_SANDBOX, NULL},
    {"protocol", U64, false, AT(protocol), BIT(GB_T_HELLO), BIT(GB_T_HELLO), NULL},
    {"runDir", ABSOLUTE, false, AT(run_dir), BIT(GB_T_HELLO), BIT(GB_T_HELLO), NULL},
    {"socket", ABSOLUTE, false, AT(socket), BIT(GB_T_HELLO), BIT(GB_T_HELLO), NULL},
    {"hostname", TEXT, false, AT(hostname), BIT(GB_T_CREATE), BIT(GB_T_CREATE), NULL},
    {"network", CHOICE, false, AT(network), BIT(GB_T_CREATE), BIT(GB_T_CREATE), networks},
    {"network.forward", COUNTED, true, AT(forward_count), BIT(GB_T_CREATE), 0, NULL},
    {"network.emulate", COUNTED, true, AT(emulate_count), BIT(GB_T_CREATE), 0, NULL},
    {"network.allow", COUNTED, true, AT(allow_count), BIT(GB_T_CREATE), 0, NULL},
    {"user", CHOICE, false, AT(user), BIT(GB_T_CREATE), BIT(GB_T_CREATE), users},
    {"stdio", CHOICE, false, AT(stdio), BIT(GB_T_CREATE), BIT(GB_T_CREATE), stdios},
    {"channel", CHOICE, false, AT(channel), BIT(GB_T_CREATE), BIT(GB_T_CREATE), booleans},
    {"seccomp", CHOICE, false, AT(seccomp), BIT(GB_T_CREATE), 0, seccomps},
    {"permit.namespaces", CHOICE, false, AT(permit_namespaces), BIT(GB_T_CREATE), 0, booleans},
    {"permit.ioUring", CHOICE, false, AT(permit_rings), BIT(GB_T_CREATE), 0, booleans},
    {"capabilities", CHOICE, false, AT(capabilities), BIT(GB_T_CREATE), 0, capabilities},
    {"time.monotonic", I64, false, AT(time_monotonic), BIT(GB_T_CREATE), 0, NULL},
    {"time.boottime", I64, false, AT(time_boottime), BIT(GB_T_CREATE), 0, NULL},
    {"scratch.size", U64, false, AT(scratch_size), BIT(GB_T_CREATE), BIT(GB_T_CREATE), NULL},
    {"scratch.inodes", U64, false, AT(scratch_inodes), BIT(GB_T_CREATE), 0, NULL},
    {"rlimit.nofile", U64, false, AT(rlimits[GB_R_NOFILE]), BIT(GB_T_CREATE), 0, NULL},
    {"rlimit.fsize", U64, false, AT(rlimits[GB_R_FSIZE]), BIT(GB_T_CREATE), 0, NULL},
    {"rlimit.core", U64, false, AT(rlimits[GB_R_CORE]), BIT(GB_T_CREATE), 0, NULL},
    {"rlimit.stack", U64, false, AT(rlimits[GB_R_STACK]), BIT(GB_T_CREATE), 0, NULL},
    {"mount", MOUNT, true, 0, BIT(GB_T_CREATE), BIT(GB_T_CREATE), NULL},
    {"limit.memory", U64, false, AT(limits.memory), OF_LIMITS, 0, NULL},
    {"limit.swap", U64, false, AT(limits.swap), OF_LIMITS, 0, NULL},
    {"limit.cpu.quota", U64, false, AT(limits.cpu_quota), OF_LIMITS, 0, NULL},
    {"limit.cpu.period", U64, false, AT(limits.cpu_period), OF_LIMITS, 0, NULL},
    {"limit.cpu.weight", U64, false, AT(limits.cpu_weight), OF_LIMITS, 0, NULL},
    {"limit.cpuset", CPUSET, false, 0, OF_LIMITS, 0, NULL},
    {"limit.pids", U64, false, AT(limits.pids), OF_LIMITS, 0, NULL},
    {"limit.io", IO_RULE, true, 0, OF_LIMITS, 0, NULL},
    {"limit.hugetlb", HUGETLB, true, 0, OF_LIMITS, 0, NULL},
    {"limit.timeout", U64, false, AT(limits.timeout_ms), OF_LIMITS, 0, NULL},
    {"template", NAME, false, AT(template), OF_TEMPLATE | BIT(GB_T_START), OF_TEMPLATE, NULL},
    {"arg", COUNTED, true, AT(arg_count), OF_PROCESS, OF_PROCESS, NULL},
    {"env", COUNTED, true, AT(env_count), OF_PROCESS, 0, NULL},
    {"cwd", ABSOLUTE, false, AT(cwd), OF_PROCESS, OF_PROCESS, NULL},
    {"umask", OCTAL, false, AT(umask), OF_PROCESS, 0, NULL},
    {"signal", U64, false, AT(signal), BIT(GB_T_SIGNAL), BIT(GB_T_SIGNAL), NULL},
    {"cause", TEXT, false, AT(cause), BIT(GB_T_KILL), 0, NULL},
    {"target", ABSOLUTE, false, AT(target), BIT(GB_T_EXPORT), BIT(GB_T_EXPORT), NULL},
    {"directory", ABSOLUTE, false, AT(directory), BIT(GB_T_EXPORT), BIT(GB_T_EXPORT), NULL},
    {"path", COUNTED, true, AT(path_count), BIT(GB_T_EXPORT), BIT(GB_T_EXPORT), NULL},
    {"feature", CHOICE, false, AT(feature), BIT(GB_T_PROBE), BIT(GB_T_PROBE), features},
};
#define KEY_COUNT (sizeof keys / sizeof keys[0])
_Static_assert(KEY_COUNT <= 64, "a bit set of 64 remembers the keys seen");

#define MOUNT_AT(member) offsetof(struct gb_mount, member)
#define MBIT(type) (1u << (type))
static const struct key mount_keys[] = { /* here `allowed` and `required` are bits of mount types */
    {"mount.source", ABSOLUTE, false, MOUNT_AT(source), MBIT(GB_M_BIND) | MBIT(GB_M_OVERLAY), MBIT(GB_M_BIND) | MBIT(GB_M_OVERLAY), NULL},
    {"mount.target", ABSOLUTE, false, MOUNT_AT(target), ~0u, ~0u, NULL},
    {"mount.readonly", CHOICE, false, MOUNT_AT(read_only), MBIT(GB_M_BIND), 0, booleans},
    {"mount.optional", CHOICE, false, MOUNT_AT(optional), MBIT(GB_M_BIND) | MBIT(GB_M_SCRATCH) | MBIT(GB_M_MASK) | MBIT(GB_M_FILE), 0, booleans},
    {"mount.mode", OCTAL, false, MOUNT_AT(mode), MBIT(GB_M_SCRATCH), MBIT(GB_M_SCRATCH), NULL},
    {"mount.content", TEXT, false, MOUNT_AT(content), MBIT(GB_M_FILE), MBIT(GB_M_FILE), NULL},
};
#define MOUNT_KEY_COUNT (sizeof mount_keys / sizeof mount_keys[0])

/* ---- faults ---- */

static void copy_printable(char *to, size_t size, const char *from, size_t length)
{
    size_t used = 0;
    for (; used < length && used + 1 < size; used++) {
        unsigned char byte = (unsigned char)from[used];
        to[used] = byte >= 0x20 && byte < 0x7f ? (char)byte : '?';
    }
    to[used] = '\0';
}

static int fault_at(struct gb_fault *fault, const char *record, size_t length, const char *reason)
{
    copy_printable(fault->record, sizeof fault->record, record, length);
    copy_printable(fault->reason, sizeof fault->reason, reason, strlen(reason));
    return -1;
}

static int record_fault(struct gb_fault *fault, const struct gb_record *record, const char *reason)
{
    return fault_at(fault, record->key, record->key_length + 1 + strlen(record->value), reason);
}

/* ---- values ---- */

static bool parse_u64(const char *text, size_t length, unsigned base, uint64_t *value)
{
    uint64_t sum = 0;
    if (length == 0 || length > 20)
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned digit = (unsigned)(unsigned char)text[i] - '0';
        if (digit >= base || __builtin_mul_overflow(sum, base, &sum) || __builtin_add_overflow(sum, digit, &sum))
            return false;
    }
    if (sum == GB_UNSET)
        return false;
    *value = sum;
    return true;
}

static bool parse_i64(const char *text, int64_t *value)
{
    bool negative = text[0] == '-';
    uint64_t magnitude;
    if (!parse_u64(text + negative, strlen(text + negative), 10, &magnitude) || magnitude > INT64_MAX)
        return false;
    *value = negative ? -(int64_t)magnitude : (int64_t)magnitude;
    return true;
}

static bool is_name(const char *text)
{
    size_t length = strlen(text);
    if (length == 0 || length > GB_MAX_NAME)
        return false;
    return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == length;
}

/* "8:0", of at most `room` - 1 bytes, ended by `end`. */
static bool parse_device(const char *text, size_t length, char *device, size_t room)
{
    const char *colon = memchr(text, ':', length);
    uint64_t number;
    if (colon == NULL || length >= room)
        return false;
    size_t major = (size_t)(colon - text);
    if (!parse_u64(text, major, 10, &number) || !parse_u64(colon + 1, length - major - 1, 10, &number))
        return false;
    memcpy(device, text, length);
    device[length] = '\0';
    return true;
}

/* "MAJ:MIN rbps=N wbps=N riops=N wiops=N" */
static const char *parse_io(const char *text, struct gb_limits *limits)
{
    if (limits->io_count == GB_MAX_IO_RULES)
        return "too many io rules";
    struct gb_io_rule rule = {.read_bps = GB_UNSET, .write_bps = GB_UNSET, .read_iops = GB_UNSET, .write_iops = GB_UNSET};
    size_t length = strcspn(text, " ");
    if (!parse_device(text, length, rule.device, sizeof rule.device))
        return "the device is not MAJ:MIN";
    for (text += length; *text == ' '; text += length) {
        text++;
        length = strcspn(text, " ");
        const char *equals = memchr(text, '=', length);
        if (equals == NULL)
            return "an io limit is not name=number";
        size_t name = (size_t)(equals - text);
        uint64_t *field = name == 4 && memcmp(text, "rbps", 4) == 0 ? &rule.read_bps
            : name == 4 && memcmp(text, "wbps", 4) == 0 ? &rule.write_bps
            : name == 5 && memcmp(text, "riops", 5) == 0 ? &rule.read_iops
            : name == 5 && memcmp(text, "wiops", 5) == 0 ? &rule.write_iops
            : NULL;
        if (field == NULL || *field != GB_UNSET || !parse_u64(equals + 1, length - name - 1, 10, field))
            return "an io limit is none of rbps, wbps, riops, wiops = number";
    }
    limits->io[limits->io_count++] = rule;
    return NULL;
}

/* "2MB=4194304" */
static const char *parse_hugetlb(const char *text, struct gb_limits *limits)
{
    if (limits->hugetlb_count == GB_MAX_HUGETLB)
        return "too many huge page sizes";
    struct gb_hugetlb *entry = &limits->hugetlb[limits->hugetlb_count];
    size_t length = strcspn(text, "=");
    if (length == 0 || length >= sizeof entry->size || strspn(text, "0123456789KMGB") != length || text[length] != '='
        || !parse_u64(text + length + 1, strlen(text + length + 1), 10, &entry->bytes))
        return "not SIZE=bytes";
    memcpy(entry->size, text, length);
    entry->size[length] = '\0';
    limits->hugetlb_count++;
    return NULL;
}

static const char *parse_cpuset(const char *text, struct gb_limits *limits)
{
    size_t length = strlen(text);
    if (length == 0 || length >= sizeof limits->cpuset || strspn(text, "0123456789,-") != length)
        return "not a list of CPUs";
    memcpy(limits->cpuset, text, length + 1);
    return NULL;
}

static const char *parse_choice(const char *text, const char *const *choices, unsigned *value)
{
    for (unsigned i = 0; choices[i] != NULL; i++) {
        if (strcmp(text, choices[i]) == 0) {
            *value = i;
            return NULL;
        }
    }
    return "unknown value";
}

/* Puts one value where its key belongs; NULL, or what is wrong with it. */
static const char *store(const struct key *key, const char *value, char *base)
{
    void *at = base + key->at;
    struct gb_limits *limits = &((struct gb_request *)(void *)base)->limits; /* used by keys of requests only */
    uint64_t number;
    switch (key->kind) {
    case NAME:
        if (!is_name(value))
            return "not a name of 1 to 63 of [A-Za-z0-9_-]";
        break;
    case ABSOLUTE:
        if (value[0] != '/')
            return "not an absolute path";
        break;
    case TEXT:
        break;
    case U64:
        return parse_u64(value, strlen(value), 10, at) ? NULL : "not a decimal number";
    case I64:
        return parse_i64(value, at) ? NULL : "not a decimal number";
    case OCTAL:
        if (!parse_u64(value, strlen(value), 8, &number) || number > 07777)
            return "not an octal mode";
        *(unsigned *)at = (unsigned)number;
        return NULL;
    case CHOICE:
        return parse_choice(value, key->choices, at);
    case IO_RULE:
        return parse_io(value, limits);
    case HUGETLB:
        return parse_hugetlb(value, limits);
    case CPUSET:
        return parse_cpuset(value, limits);
    case COUNTED:
        ++*(unsigned *)at;
        return NULL;
    case MOUNT: /* begins an entry, see add_mount */
        return "unexpected";
    }
    *(const char **)at = value;
    return NULL;
}

/* ---- requests ---- */

static void reset(struct gb_request *request)
{
    memset(request, 0, offsetof(struct gb_request, mounts));
    struct gb_limits *limits = &request->limits;
    limits->memory = limits->swap = limits->cpu_quota = limits->cpu_period = GB_UNSET;
    limits->cpu_weight = limits->pids = limits->timeout_ms = GB_UNSET;
    request->scratch_size = request->scratch_inodes = GB_UNSET;
    for (unsigned i = 0; i < GB_R_COUNT; i++)
        request->rlimits[i] = GB_UNSET;
    request->umask = 01000;
}

static int find_key(const struct key *table, size_t count, const struct gb_record *record)
{
    for (size_t i = 0; i < count; i++) {
        if (gb_key_is(record, table[i].name))
            return (int)i;
    }
    return -1;
}

/* The state of walking one create request's mounts: which keys the last entry has had. */
struct mount_walk {
    struct gb_record record; /* that began the entry */
    unsigned seen;
};

static int finish_mount(const struct gb_request *request, const struct mount_walk *walk, struct gb_fault *fault)
{
    if (request->mount_count == 0)
        return 0;
    unsigned type = request->mounts[request->mount_count - 1].type;
    for (size_t i = 0; i < MOUNT_KEY_COUNT; i++) {
        if ((mount_keys[i].required & MBIT(type)) && !(walk->seen & (1u << i)))
            return record_fault(fault, &walk->record, "a key of this mount is missing (source, target, mode or content)");
    }
    return 0;
}

static int add_mount(struct gb_request *request, struct mount_walk *walk, const struct gb_record *record, struct gb_fault *fault)
{
    if (finish_mount(request, walk, fault) != 0)
        return -1;
    unsigned type;
    const char *wrong = parse_choice(record->value, mount_types, &type);
    if (wrong != NULL)
        return record_fault(fault, record, wrong);
    if (request->mount_count == GB_MAX_MOUNTS)
        return record_fault(fault, record, "too many mounts");
    request->mounts[request->mount_count++] = (struct gb_mount){.type = (enum gb_mount_type)type};
    *walk = (struct mount_walk){.record = *record};
    return 0;
}

static int add_mount_key(struct gb_request *request, struct mount_walk *walk, const struct gb_record *record, struct gb_fault *fault)
{
    int index = find_key(mount_keys, MOUNT_KEY_COUNT, record);
    if (index < 0)
        return record_fault(fault, record, "unknown key");
    if (request->mount_count == 0)
        return record_fault(fault, record, "no mount before it");
    struct gb_mount *mount = &request->mounts[request->mount_count - 1];
    if (!(mount_keys[index].allowed & MBIT(mount->type)))
        return record_fault(fault, record, "not a key of this type of mount");
    if (walk->seen & (1u << index))
        return record_fault(fault, record, "repeated");
    walk->seen |= 1u << index;
    const char *wrong = store(&mount_keys[index], record->value, (char *)mount);
    return wrong == NULL ? 0 : record_fault(fault, record, wrong);
}

int gb_decode(const char *payload, size_t length, struct gb_request *request, struct gb_fault *fault)
{
    reset(request);
    if (length == 0)
        return fault_at(fault, "", 0, "empty frame");
    const char *end = payload + length, *cursor = payload;
    if (end[-1] != '\0')
        return fault_at(fault, payload, length, "the last record has no NUL");
    struct gb_record record;
    if (!gb_next_record(&cursor, end, &record) || !gb_key_is(&record, "type"))
        return fault_at(fault, payload, strlen(payload), "the first record is not type=");
    unsigned type;
    if (parse_choice(record.value, type_names, &type) != NULL)
        return record_fault(fault, &record, "unknown request");
    request->type = (enum gb_type)type;
    request->payload = payload;
    request->payload_end = end;

    uint64_t seen = 0;
    struct mount_walk walk = {.seen = 0};
    while (cursor < end) {
        const char *start = cursor;
        if (!gb_next_record(&cursor, end, &record))
            return fault_at(fault, start, strlen(start), "a record without key or without =");
        if (record.key_length > 6 && memcmp(record.key, "mount.", 6) == 0) {
            if (add_mount_key(request, &walk, &record, fault) != 0)
                return -1;
            continue;
        }
        int index = find_key(keys, KEY_COUNT, &record);
        if (index < 0 || !(keys[index].allowed & BIT(type)))
            return record_fault(fault, &record, index < 0 ? "unknown key" : "not a key of this request");
        if (!keys[index].repeats && (seen & (UINT64_C(1) << index)))
            return record_fault(fault, &record, "repeated");
        seen |= UINT64_C(1) << index;
        if (keys[index].kind == MOUNT) {
            if (add_mount(request, &walk, &record, fault) != 0)
                return -1;
            continue;
        }
        const char *wrong = store(&keys[index], record.value, (char *)request);
        if (wrong != NULL)
            return record_fault(fault, &record, wrong);
    }
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if ((keys[i].required & BIT(type)) && !(seen & (UINT64_C(1) << i)))
            return fault_at(fault, keys[i].name, strlen(keys[i].name), "missing");
    }
    return finish_mount(request, &walk, fault);
}

/* ---- frames and records ---- */

int gb_frame(const unsigned char *data, size_t available, size_t *length, struct gb_fault *fault)
{
    if (available < GB_FRAME_HEADER)
        return 0;
    *length = (size_t)data[0] | (size_t)data[1] << 8 | (size_t)data[2] << 16 | (size_t)data[3] << 24;
    if (*length > GB_MAX_REQUEST) {
        const char *text = (const char *)data + GB_FRAME_HEADER;
        return fault_at(fault, text, strnlen(text, available - GB_FRAME_HEADER), "the frame is longer than 1 MiB");
    }
    return available - GB_FRAME_HEADER >= *length;
}

bool gb_next_record(const char **cursor, const char *end, struct gb_record *record)
{
    if (*cursor >= end)
        return false;
    const char *stop = memchr(*cursor, '\0', (size_t)(end - *cursor));
    if (stop == NULL)
        return false;
    const char *equals = memchr(*cursor, '=', (size_t)(stop - *cursor));
    if (equals == NULL || equals == *cursor)
        return false;
    *record = (struct gb_record){.key = *cursor, .value = equals + 1, .key_length = (size_t)(equals - *cursor)};
    *cursor = stop + 1;
    return true;
}

bool gb_key_is(const struct gb_record *record, const char *key)
{
    return strlen(key) == record->key_length && memcmp(record->key, key, record->key_length) == 0;
}

const char *gb_feature_name(enum gb_feature feature)
{
    return features[feature];
}
