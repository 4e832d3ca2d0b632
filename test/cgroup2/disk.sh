# Sourced inside the virtual machine, as root: gives it a disk at /mnt, for limits and counts of io. Neither backend has one; a file in
# memory stands for it.
modprobe loop
truncate -s 48M /run/disk
mkfs.ext4 -q /run/disk
mount -o loop /run/disk /mnt
export GBTEST_DISK="$(cat /sys/block/loop0/dev)"
