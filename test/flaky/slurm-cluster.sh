# A Slurm of one node with two CPUs, for one command: `unshare --mount --net --uts --ipc --pid --fork --mount-proc --kill-child sh slurm-cluster.sh
# DIRECTORY COMMAND…`. It lives in the namespaces that unshare makes, so that nothing of it is left when this script ends; all it writes is below
# DIRECTORY. Whoever starts it bounds its time: the loops wait for the daemons without an end.
set -eu
dir=$1
shift
hostname gbslurm
ip link set lo up
# Slurm binds only where a machine has an address that is not of the loopback's own network.
ip address add 10.255.255.1/32 dev lo
printf '127.0.0.1 localhost\n10.255.255.1 gbslurm\n' > "$dir/hosts"
mount --bind "$dir/hosts" /etc/hosts
mkdir "$dir/state" "$dir/spool" "$dir/munge"
head -c 1024 /dev/urandom > "$dir/munge/key"
chmod 400 "$dir/munge/key"
cat > "$dir/slurm.conf" <<EOF
ClusterName=glovebox
SlurmctldHost=gbslurm
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge/socket
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
MailProg=/bin/true
NodeName=gbslurm CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES
EOF
export SLURM_CONF="$dir/slurm.conf"
/usr/sbin/munged --force --foreground --key-file "$dir/munge/key" --socket "$dir/munge/socket" \
  --pid-file "$dir/munge/pid" --log-file "$dir/munge/log" --seed-file "$dir/munge/seed" 2> "$dir/munge/errors" &
until [ -S "$dir/munge/socket" ]; do sleep 0.05; done
/usr/sbin/slurmctld -D > "$dir/slurmctld.out" 2>&1 &
/usr/sbin/slurmd -D > "$dir/slurmd.out" 2>&1 &
until [ "$(sinfo --noheader --format=%T 2> "$dir/sinfo.out")" = idle ]; do sleep 0.1; done
"$@"
