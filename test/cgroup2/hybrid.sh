# Sourced inside the virtual machine, as root: turns its cgroup v2 into the layout that systemd calls hybrid, with `cpu` and `cpuacct`
# in one hierarchy, as most machines with cgroup v1 have it (and the machine that runs the tests may not). The kernel may lack some
# controllers of v1; those that it has must be usable.
for directory in system.slice .; do
  for controller in $(cat "/sys/fs/cgroup/$directory/cgroup.subtree_control"); do
    echo "-$controller" > "/sys/fs/cgroup/$directory/cgroup.subtree_control"
  done
done
mount -t tmpfs tmpfs /sys/fs/cgroup
mkdir /sys/fs/cgroup/unified
mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified
for controllers in memory cpu,cpuacct cpuset pids blkio hugetlb freezer; do
  mkdir "/sys/fs/cgroup/$controllers"
  mount -t cgroup -o "$controllers" cgroup "/sys/fs/cgroup/$controllers" 2> /dev/null || rmdir "/sys/fs/cgroup/$controllers"
done
