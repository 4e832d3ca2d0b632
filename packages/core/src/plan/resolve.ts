import type { ParsedFileOptions } from '../config/parsed-options.js'
import { keptCapabilities, whyFileCapabilities } from './capabilities.js'
import { resolveEnvironment } from './environment.js'
import { planFigures } from './figures.js'
import { resolveLimits } from './limits.js'
import { planMounts } from './mounts.js'
import { networkKind, resolveNetwork } from './network.js'
import { absoluteGlob, escapeGlob, expandPath } from './paths.js'
import { preloadedPlaces } from './places.js'
import type { Mentions, Profile } from './profile.js'
import type { Surroundings } from './surroundings.js'

/**
 * The policy that merged options stand for. `file`: the test file, whose own edits (inline snapshots) persist. `mentions`: variables
 * besides the environment that may name services (`forward: 'auto'`).
 */
export function resolveProfile(
  options: ParsedFileOptions,
  around: Surroundings,
  file?: string,
  mentions: Mentions = {},
): Profile {
  const { host, runner, root, project } = around
  const { hostname = 'glovebox', network = 'none', filesystem = {}, time } = options
  const asked = filesystem.project ?? 'overlay'
  const mode = asked === 'overlay' && around.overlayRefused !== undefined ? 'direct' : asked
  const expand = (paths: readonly string[] = []) => paths.map((path) => expandPath(path, host.home, root))
  const plan = planMounts({
    host,
    lookup: around.lookup,
    root: options.root === undefined ? undefined : expandPath(options.root, host.home, root),
    project: project === undefined ? undefined : { path: project, mode },
    visible: [...runner.visible, ...around.links, ...preloadedPlaces(runner)],
    shared: runner.shared,
    layered: runner.layered ?? [],
    hide: expand(filesystem.hide),
    writable: expand(filesystem.writable),
    readonly: expand(filesystem.readonly),
    hostname,
    network: networkKind(network),
  })
  const cwd = [around.cwd, root].find(plan.shows) ?? '/'
  const globs = [...runner.persist, ...(filesystem.persist ?? [])].map((glob) => absoluteGlob(glob, root))
  const env = resolveEnvironment({
    options: options.env,
    inherited: runner.env,
    home: plan.home,
    user: options.user ?? 'caller',
    tmpdir: plan.tmpdir,
    hostname,
    cwd,
    reach: (directory) => (plan.shows(directory) ? directory : (around.lookup(directory)?.real ?? directory)),
  })
  const limits = resolveLimits(options.limits, host, runner.maxWorkers)
  // The kernel lets sandboxes below this one mount procfs and sysfs only where nothing of these is covered.
  const figures = options.nestedSandboxes ? [] : planFigures(limits, host)
  return {
    limits,
    network: resolveNetwork(network, { ...env, ...mentions }),
    hostname,
    mounts: [...plan.mounts, ...figures],
    env,
    cwd,
    umask: options.umask,
    user: options.user ?? 'caller',
    confinement: {
      nestedSandboxes: options.nestedSandboxes ?? false,
      ioUring: options.ioUring ?? false,
      capabilities: keptCapabilities(
        options.capabilities ?? 'auto',
        options.nestedSandboxes ?? false,
        around.owners && whyFileCapabilities(around.owners, plan.mounts),
      ),
    },
    time: time && { monotonic: time.monotonic ?? 0, boottime: time.boottime ?? 0 },
    persist: mode === 'overlay' ? [...globs, ...(file === undefined ? [] : [escapeGlob(file)])] : [],
    strictWrites: filesystem.strictWrites ?? 'report',
    leaks: options.leaks ?? 'report',
  }
}
