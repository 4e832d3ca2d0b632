import type { OuterPids } from '../host/outer-pids.js'
import type { Evidence } from './classify.js'
import type { Verdict } from './verdict.js'

/**
 * Without a cgroup the supervisor counts a limit as hit from so many processes below it (NEAR in native/sandbox.c). Who is counted by
 * the kernel is refused at the limit itself.
 */
const near = 2

/**
 * Whose limit refused processes to a file that did not pass: its own, or one outside. The kernel tells neither in the same way. It counts
 * a refusal in the file's own cgroup whichever cgroup above it refused (version 1, and version 2 before Linux 6.11), or in that one alone;
 * and what an rlimit refuses it counts nowhere. So what decides is how near each limit was. Pure.
 */
export function processLimit({
  ending: { hits, usage },
  profile: { limits },
  forksRefused = 0,
  countsForks = true,
  outerPids = [],
}: Evidence): Verdict | undefined {
  const refused = hits.pids || forksRefused
  if (refused === 0) return undefined
  const own = { limit: limits.pids, peak: usage.pidsPeak }
  const outer = nearest(outerPids)
  if (hits.pids > 0) {
    // Kernels before 6.1 do not tell the peak.
    const left = own.limit === undefined ? Number.POSITIVE_INFINITY : own.limit - (own.peak ?? own.limit)
    return left > near
      ? { kind: 'outer-pids-limit', ...own, refused, outer }
      : { kind: 'pids-limit', limit: own.limit ?? 0, peak: own.peak, refused }
  }
  const left = (own.limit ?? Number.POSITIVE_INFINITY) - (own.peak ?? 0)
  if (outer && outer.limit - outer.used < left) return { kind: 'outer-pids-limit', ...own, refused, outer }
  if (countsForks || own.limit === undefined) return undefined
  // Samples may have missed it, but who is refused a process has as many as there may be.
  return { kind: 'pids-limit', limit: own.limit, peak: Math.max(own.peak ?? 0, own.limit), refused }
}

/** The one that has least left; of several, the nearest. */
function nearest(limits: readonly OuterPids[]): OuterPids | undefined {
  return limits.toSorted((a, b) => a.limit - a.used - (b.limit - b.used))[0]
}

/** Who set a limit outside, and what to write to raise it. */
export function outerRemedy(outer: OuterPids | undefined): string {
  const where =
    outer?.name === 'RLIMIT_NPROC'
      ? 'Raise it (`ulimit -u`, `nproc` in /etc/security/limits.conf, `LimitNPROC=` of systemd)'
      : 'Raise it (`docker run --pids-limit`, `podPidsLimit` of Kubernetes, `TasksMax=` of systemd)'
  return `${where}, or run fewer workers at once (\`maxWorkers\`).`
}
