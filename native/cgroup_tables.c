/* What cgroup v1 and v2 call the same things: file names and value formats, no behaviour. */
#include "cgroup.h"

#define FIGURE(controller, field, file, key, divisor, minus) \
    { controller, offsetof(struct gb_usage, field), file, key, divisor, minus }
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Figures of the same file stand together: it is read once for all of them. */
static const struct gb_cg_figure figures_v1[] = {
    FIGURE(GB_C_MEMORY, memory_peak, "memory.max_usage_in_bytes", NULL, 1, 0),
    FIGURE(GB_C_MEMORY, memory_current, "memory.usage_in_bytes", NULL, 1, 0),
    FIGURE(GB_C_MEMORY, oom_kills, "memory.oom_control", "oom_kill ", 1, 0),
    FIGURE(GB_C_CPUACCT, cpu_user, "cpuacct.usage_user", NULL, 1000, 0),
    FIGURE(GB_C_CPUACCT, cpu_system, "cpuacct.usage_sys", NULL, 1000, 0),
    FIGURE(GB_C_CPU, cpu_throttled, "cpu.stat", "throttled_time ", 1000, 0),
    FIGURE(GB_C_CPU, cpu_periods, "cpu.stat", "nr_periods ", 1, 0),
    FIGURE(GB_C_CPU, cpu_throttled_periods, "cpu.stat", "nr_throttled ", 1, 0),
    FIGURE(GB_C_PIDS, pids_peak, "pids.peak", NULL, 1, 1),
    FIGURE(GB_C_PIDS, pids_refused, "pids.events", "max ", 1, 0),
    FIGURE(GB_C_IO, io_read_bytes, "blkio.throttle.io_service_bytes", "Read ", 1, 0),
    FIGURE(GB_C_IO, io_write_bytes, "blkio.throttle.io_service_bytes", "Write ", 1, 0),
    FIGURE(GB_C_IO, io_reads, "blkio.throttle.io_serviced", "Read ", 1, 0),
    FIGURE(GB_C_IO, io_writes, "blkio.throttle.io_serviced", "Write ", 1, 0),
};

static const struct gb_cg_figure figures_v2[] = {
    FIGURE(GB_C_MEMORY, memory_peak, "memory.peak", NULL, 1, 0),
    FIGURE(GB_C_MEMORY, memory_current, "memory.current", NULL, 1, 0),
    FIGURE(GB_C_MEMORY, oom_kills, "memory.events", "oom_kill ", 1, 0),
    FIGURE(GB_C_CPUACCT, cpu_user, "cpu.stat", "user_usec ", 1, 0),
    FIGURE(GB_C_CPUACCT, cpu_system, "cpu.stat", "system_usec ", 1, 0),
    FIGURE(GB_C_CPUACCT, cpu_throttled, "cpu.stat", "throttled_usec ", 1, 0),
    FIGURE(GB_C_CPUACCT, cpu_periods, "cpu.stat", "nr_periods ", 1, 0),
    FIGURE(GB_C_CPUACCT, cpu_throttled_periods, "cpu.stat", "nr_throttled ", 1, 0),
    FIGURE(GB_C_PIDS, pids_peak, "pids.peak", NULL, 1, 1),
    FIGURE(GB_C_PIDS, pids_refused, "pids.events", "max ", 1, 0),
    FIGURE(GB_C_IO, io_read_bytes, "io.stat", "rbytes=", 1, 0),
    FIGURE(GB_C_IO, io_write_bytes, "io.stat", "wbytes=", 1, 0),
    FIGURE(GB_C_IO, io_reads, "io.stat", "rios=", 1, 0),
    FIGURE(GB_C_IO, io_writes, "io.stat", "wios=", 1, 0),
};

static const struct gb_cg_table v1 = {
    .names = {"memory", "cpu", "cpuacct", "cpuset", "pids", "blkio", "hugetlb", "freezer"},
    .memory = "memory.limit_in_bytes",
    .swap = "memory.memsw.limit_in_bytes",
    .swap_includes_memory = true,
    .cpu_quota = "cpu.cfs_quota_us",
    .cpu_period = "cpu.cfs_period_us",
    .cpu_weight = "cpu.shares",
    .weight_default = 1024,
    .weight_min = 2,
    .weight_max = 262144,
    .pids = "pids.max",
    .io = {{"blkio.throttle.read_bps_device", ""},
           {"blkio.throttle.write_bps_device", ""},
           {"blkio.throttle.read_iops_device", ""},
           {"blkio.throttle.write_iops_device", ""}},
    .hugetlb_suffix = "limit_in_bytes",
    .freeze = "freezer.state",
    .frozen = "FROZEN",
    .thawed = "THAWED",
    .freeze_state = "freezer.state",
    .is_frozen = "FROZEN",
    .is_thawed = "THAWED",
    .threads = "tasks",
    .cpu_total = "cpuacct.usage",
    .counts_io_always = false, /* only in groups with an io limit, since Linux 6.10 */
    .figures = figures_v1,
    .figure_count = COUNT(figures_v1),
};

static const struct gb_cg_table v2 = {
    /* cpu.stat and cgroup.freeze belong to no controller: every cgroup has them */
    .names = {"memory", "cpu", NULL, "cpuset", "pids", "io", "hugetlb", NULL},
    .memory = "memory.max",
    .swap = "memory.swap.max",
    .cpu_quota = "cpu.max",
    .cpu_weight = "cpu.weight",
    .weight_default = 100,
    .weight_min = 1,
    .weight_max = 10000,
    .pids = "pids.max",
    .io = {{"io.max", "rbps="}, {"io.max", "wbps="}, {"io.max", "riops="}, {"io.max", "wiops="}},
    .hugetlb_suffix = "max",
    .freeze = "cgroup.freeze",
    .frozen = "1",
    .thawed = "0",
    .freeze_state = "cgroup.events",
    .is_frozen = "frozen 1",
    .is_thawed = "frozen 0",
    .threads = "cgroup.threads",
    .counts_io_always = true,
    .figures = figures_v2,
    .figure_count = COUNT(figures_v2),
};

const struct gb_cg_table *gb_cg_table(int version)
{
    return version == 2 ? &v2 : &v1;
}
