/* Limits on devices and huge pages, on the real cgroups of the kernel that this runs on. */
#include "cgroup_world.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

/* "MAJ:MIN" of a whole disk, or skips. */
static const char *a_disk(void)
{
    static char device[24];
    DIR *listing = opendir("/sys/block");
    for (struct dirent *entry; listing && (entry = readdir(listing));) {
        char path[300];
        snprintf(path, sizeof path, "/sys/block/%s/dev", entry->d_name);
        if (entry->d_name[0] == '.' || strncmp(entry->d_name, "zram", 4) == 0 || gb_cg_read(AT_FDCWD, path, device, sizeof device) <= 0)
            continue;
        device[strcspn(device, "\n")] = 0;
        closedir(listing);
        return device;
    }
    tap_skip("no block device");
}

static void io_limits_reach_the_files_of_the_device(void)
{
    open_base();
    needs(GB_C_IO);
    struct gb_limits limits = no_limits();
    char line[128];
    const char *disk = a_disk();
    snprintf(limits.io[0].device, sizeof limits.io[0].device, "%s", disk);
    limits.io[0].read_bps = 1048576;
    limits.io[0].write_bps = 2097152;
    limits.io[0].read_iops = 300;
    limits.io[0].write_iops = GB_UNSET;
    limits.io_count = 1;
    struct gb_cgroup group = make_group("io", &limits);
    if (base.version == 2) {
        snprintf(line, sizeof line, "%s rbps=1048576 wbps=2097152 riops=300 wiops=max", disk);
        check_text(content(&group, GB_C_IO, "io.max"), line);
        return;
    }
    snprintf(line, sizeof line, "%s 1048576", disk);
    check_text(content(&group, GB_C_IO, "blkio.throttle.read_bps_device"), line);
    snprintf(line, sizeof line, "%s 2097152", disk);
    check_text(content(&group, GB_C_IO, "blkio.throttle.write_bps_device"), line);
    snprintf(line, sizeof line, "%s 300", disk);
    check_text(content(&group, GB_C_IO, "blkio.throttle.read_iops_device"), line);
    check_text(content(&group, GB_C_IO, "blkio.throttle.write_iops_device"), "");
}

static void an_io_limit_for_a_device_that_is_not_there_is_refused(void)
{
    open_base();
    needs(GB_C_IO);
    struct gb_limits limits = no_limits();
    strcpy(limits.io[0].device, "4095:77");
    limits.io[0].read_bps = 1048576;
    limits.io[0].write_bps = limits.io[0].read_iops = limits.io[0].write_iops = GB_UNSET;
    limits.io_count = 1;
    struct gb_error error = refused_group("nodisk", &limits);
    check_text(error.stage, "limit-io");
    check_number(error.number, ENODEV);
}

static int write_directly(void *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_DIRECT | O_SYNC, 0600);
    void *block = aligned_alloc(4096, 65536);
    if (fd < 0 || !block)
        return 1;
    memset(block, 1, 65536);
    for (int i = 0; i < 16; i++)
        if (write(fd, block, 65536) != 65536)
            return 2;
    return 0;
}

static void bytes_written_to_a_disk_are_counted(void)
{
    char path[] = "/var/tmp/gbtest-io-XXXXXX";
    open_base();
    needs(GB_C_IO);
    int fd = mkstemp(path);
    struct stat place;
    check(fd >= 0 && fstat(fd, &place) == 0);
    unlink(path);
    close(fd);
    if (major(place.st_dev) == 0)
        tap_skip("/var/tmp is on no block device");
    struct gb_limits limits = no_limits(); /* newer kernels count on v1 only where there is a limit */
    snprintf(limits.io[0].device, sizeof limits.io[0].device, "%u:%u", major(place.st_dev), minor(place.st_dev));
    limits.io[0].read_bps = limits.io[0].read_iops = limits.io[0].write_iops = GB_UNSET;
    limits.io[0].write_bps = 1024 * MIB;
    limits.io_count = base.version == 1;
    struct gb_cgroup group = make_group("bytes", &limits);
    struct gb_usage usage = no_usage();
    gb_cgroup_usage(&group, &usage);
    check_number(usage.io_write_bytes, 0);
    int status = wait_for(member(&group, write_directly, path));
    unlink(path);
    if (status != 0)
        tap_skip("/var/tmp does not take O_DIRECT");
    gb_cgroup_usage(&group, &usage);
    check(usage.io_write_bytes != GB_UNSET && usage.io_write_bytes >= MIB);
    check(usage.io_writes >= 1);
}

static void a_hugetlb_limit_reaches_its_file(void)
{
    open_base();
    needs(GB_C_HUGETLB);
    struct gb_limits limits = no_limits();
    strcpy(limits.hugetlb[0].size, "2MB");
    limits.hugetlb[0].bytes = 4 * MIB;
    limits.hugetlb_count = 1;
    struct gb_cgroup group = make_group("huge", &limits);
    check_text(content(&group, GB_C_HUGETLB, v1_or_v2("hugetlb.2MB.limit_in_bytes", "hugetlb.2MB.max")), "4194304");
}

static int touch_three_huge_pages(void *unused)
{
    (void)unused;
    char *pages = mmap(NULL, 6 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED)
        return 1;
    for (int i = 0; i < 3; i++)
        pages[(size_t)i * 2 * MIB] = 1;
    return 0;
}

static void huge_pages_beyond_the_limit_are_not_given(void)
{
    open_base();
    needs(GB_C_HUGETLB);
    if (!getenv("V2VM")) /* setting pages aside is for the whole machine: only in one of our own */
        tap_skip("not in the test machine");
    check(gb_cg_write_string(AT_FDCWD, "/proc/sys/vm/nr_hugepages", "8") == 0);
    struct gb_limits limits = no_limits();
    strcpy(limits.hugetlb[0].size, "2MB");
    limits.hugetlb_count = 1;
    limits.hugetlb[0].bytes = 6 * MIB;
    struct gb_cgroup enough = make_group("enough", &limits);
    check_number(wait_for(member(&enough, touch_three_huge_pages, NULL)), 0);
    limits.hugetlb[0].bytes = 4 * MIB;
    struct gb_cgroup few = make_group("few", &limits);
    int status = wait_for(member(&few, touch_three_huge_pages, NULL));
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
}

int main(int argc, char **argv)
{
    static const struct tap_case cases[] = {
        {"io limits reach the files of the device", io_limits_reach_the_files_of_the_device},
        {"an io limit for a device that is not there is refused", an_io_limit_for_a_device_that_is_not_there_is_refused},
        {"bytes written to a disk are counted", bytes_written_to_a_disk_are_counted},
        {"a hugetlb limit reaches its file", a_hugetlb_limit_reaches_its_file},
        {"huge pages beyond the limit are not given", huge_pages_beyond_the_limit_are_not_given},
    };
    enter_scratch();
    int status = tap_main(argc, argv, cases, sizeof cases / sizeof cases[0], sweep);
    leave_scratch();
    return status;
}
