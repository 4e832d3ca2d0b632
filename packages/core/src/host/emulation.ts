import type { Profile } from '../plan/profile.js'

/** Whoever can have the supervisor try a feature: `undefined` means that it works. */
export interface Prober {
  probe(feature: string): Promise<unknown>
}

const answers = new WeakMap<Prober, Promise<unknown>>()

/** Whether a profile wants packets late, lost or slow, as opposed to a resolver that fails. Pure. */
export function emulatesPackets({ network }: Pick<Profile, 'network'>): boolean {
  if (typeof network !== 'object' || network.emulation === undefined) return false
  const { latency, loss, bandwidth } = network.emulation
  return Boolean(latency || loss || bandwidth)
}

/** What must be said where the kernel cannot do to the loopback what a profile wants; asked once a supervisor. */
export async function emulationNotices(
  prober: Prober,
  profile: Pick<Profile, 'network'>,
): Promise<readonly string[]> {
  if (!emulatesPackets(profile)) return []
  if (!answers.has(prober)) answers.set(prober, prober.probe('netem'))
  if ((await answers.get(prober)) === undefined) return []
  return [
    'this kernel has no network emulator (sch_netem): latency, loss and bandwidth hold for connections that lead outside ' +
      '(forward, allow), not for those within a sandbox; `modprobe sch_netem` may help',
  ]
}
