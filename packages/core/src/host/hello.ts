/** What the supervisor's reply to `hello` says of the host (docs/protocol.md), parsed. */
export interface SupervisorHello {
  protocol: number
  version: string
  cgroup: 'v1' | 'v2' | 'none'
  /** Controllers that the supervisor can use in its own subtree, by the names of cgroup v2 where they have one: `memory`, `cpu`, `io` … */
  controllers: readonly string[]
  /** Where the subtree lies; without one, the cgroup in which it would. */
  cgroupPath: string | undefined
  /** Why there is no cgroup, or why some controllers are missing. */
  cgroupReason: string | undefined
  uid: number
  /** Whether the supervisor runs as root. */
  privileged: boolean
  /**
   * Where overlays keep what is written: `memory`, as it should be; `disk`, uncapped, before Linux 6.6; `limited`, where that
   * is impossible too: in memory, but directories that the project has cannot be removed or replaced. Absent: `memory`.
   */
  layers?: 'memory' | 'disk' | 'limited' | undefined
}

/** An error as the supervisor reports it: what was being done, errno, the path in question. */
export interface SupervisorFailure {
  stage: string
  errno: number | undefined
  path: string | undefined
  message: string
}
