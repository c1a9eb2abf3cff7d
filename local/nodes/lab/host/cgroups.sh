# Control groups of nodes. Without a control group of its own, the kubelet of one node would clean up the pods of another.
# Version 1: below this process' own group in each hierarchy, so that limits set for us go on counting. Version 2: below the root,
# because a group with processes in it cannot have groups with controllers below it.
# shellcheck shell=bash

readonly CGROUP_ROOT=/sys/fs/cgroup

is_cgroup_v2() { [ -e $CGROUP_ROOT/cgroup.controllers ]; }

# cgroups_of PID: the folders of the groups that a process is in, one a line
cgroups_of() {
  local controllers path
  while IFS=: read -r _ controllers path; do
    if is_cgroup_v2; then
      [ -z "$controllers" ] && echo "$CGROUP_ROOT${path%/}"
    elif [ -n "$controllers" ]; then
      echo "$CGROUP_ROOT/${controllers#name=}${path%/}"
    fi
  done <"/proc/$1/cgroup"
}

# create_and_join_cgroups CLUSTER NODE: this shell, and so what it starts, is in the node's groups afterwards.
create_and_join_cgroups() {
  local folder group
  if is_cgroup_v2; then
    group=$CGROUP_ROOT/lab.$1
    mkdir -p "$group/$2"
    enable_controllers $CGROUP_ROOT
    enable_controllers "$group"
    echo $BASHPID >"$group/$2/cgroup.procs"
    return
  fi
  for folder in $(cgroups_of $BASHPID); do
    case $folder in */"lab.$1/$2") continue ;; esac # already there: a reboot
    group=$folder/lab.$1/$2
    mkdir -p "$group"
    if [ -e "$group/cpuset.cpus" ]; then # a new cpuset has no CPUs and takes no processes
      copy_cpuset "$folder" "$folder/lab.$1"
      copy_cpuset "$folder" "$group"
      echo 1 >"$group/cgroup.clone_children"
    fi
    echo $BASHPID >"$group/cgroup.procs"
  done
}

copy_cpuset() { # FROM TO
  cat "$1/cpuset.cpus" >"$2/cpuset.cpus"
  cat "$1/cpuset.mems" >"$2/cpuset.mems"
}

enable_controllers() {
  local controller controllers
  read -ra controllers <"$1/cgroup.controllers"
  for controller in "${controllers[@]}"; do
    echo "+$controller" >"$1/cgroup.subtree_control" 2>/dev/null || true # one that cannot be delegated is not needed
  done
}

# join_cgroups_of PID
join_cgroups_of() {
  local folder
  for folder in $(cgroups_of "$1"); do
    echo $BASHPID >"$folder/cgroup.procs"
  done
}

# remove_cgroups CLUSTER: wherever they are; their processes have ended.
remove_cgroups() {
  local group
  # find ends with 1 when a group of somebody else's vanishes while it looks.
  { find $CGROUP_ROOT -type d -name "lab.$1" -prune 2>/dev/null || true; } | while read -r group; do
    for _ in 1 2 3 4 5 6 7 8 9 10; do # a group is busy until the kernel has let go of its last process
      find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
      [ -d "$group" ] || break
      sleep 0.2
    done
  done
}

# empty_cgroups_of PID: removes the groups below those that this process is in. What pods had before a reboot is gone after it on a
# real machine; left there, it keeps the kubelet's start for a minute.
empty_cgroups_of() {
  local folder
  for folder in $(cgroups_of "$1"); do
    find "$folder" -mindepth 1 -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
}
