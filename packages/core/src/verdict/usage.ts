/** What a sandbox consumed. A key is absent when the host cannot measure it, never 0 in its place. */
export interface Usage {
  /** Highest memory charged to the sandbox, bytes (cgroup; else the sampled sum of its processes). */
  memoryPeak?: number
  /** CPU time in user mode, microseconds. */
  cpuUser?: number
  /** CPU time in the kernel, microseconds. */
  cpuSystem?: number
  /** Time that runnable tasks were held back by the cpu quota, microseconds. */
  cpuThrottled?: number
  /** Enforcement periods that elapsed, and those in which the quota ran out. */
  cpuPeriods?: number
  cpuThrottledPeriods?: number
  /** Highest number of processes and threads at once. */
  pidsPeak?: number
  /** Bytes and operations that reached block devices. */
  ioReadBytes?: number
  ioWriteBytes?: number
  ioReads?: number
  ioWrites?: number
  /** Processes that the kernel killed for want of memory. */
  oomKills?: number
  contextSwitchesVoluntary?: number
  contextSwitchesInvoluntary?: number
  /** Bytes in the private file systems when the worker ended. */
  diskBytes?: number
  /** Wall clock from start to exit, milliseconds. */
  wall?: number
}

/** Something outside that the file asked for and did not get. */
export interface Blocked {
  /**
   * `name`, `address`: the network policy does not allow it. `unreachable`: it is allowed, but the target refused or did not
   * answer.
   */
  kind: 'name' | 'address' | 'unreachable'
  host: string
  port?: number
  /** The test that ran, where that is known. */
  test?: string
  /** In what a sandbox tells at its end: when it was asked for, by the host's monotonic clock, microseconds. A file's record has the test instead. */
  at?: number
}

/** A write to the project, or another overlay, that was thrown away. */
export interface DiscardedWrite {
  path: string
  change: 'created' | 'modified' | 'deleted'
  /** Bytes. */
  size: number
}

/** Something that outlived the worker. */
export type Leak = { kind: 'process'; pid: number; command: string } | { kind: 'listener'; address: string }
