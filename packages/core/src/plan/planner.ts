import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { readDocblock } from '../config/docblock.js'
import type { WorkerStart } from '../config/options.js'
import { matchesOverride, unmatchedOverrides } from '../config/overrides.js'
import { parseFileOptions, parseOptions } from '../config/parse.js'
import type { FlakyOptions, ReportOptions } from '../config/parsed-options.js'
import { dayOf, excuse, expiryNotices, type Quarantined } from '../flaky/quarantine.js'
import { readQuarantine } from '../flaky/quarantine-file.js'
import type { TestFailure } from '../verdict/flakiness.js'
import { findOwners, whyFileCapabilities } from './capabilities.js'
import { missingHidden, whyNoOverlay } from './checks.js'
import { docblockLayer, type Layer, mergeLayers, optionsLayer } from './layers.js'
import { hiddenPaths } from './mounts.js'
import { expandPath } from './paths.js'
import type { Mentions, Profile } from './profile.js'
import { resolveProfile } from './resolve.js'
import { type SurveyInput, survey } from './surroundings.js'

/**
 * Options in, profiles out: the one place where options are read.
 *
 * ```ts
 * const planner = createPlanner({ options, source: 'vitest.config.ts', root, host: readHostFacts(), runner })
 * planner.base                       // profile of a file without override or pragma: what prepared sandboxes are made from
 * planner.profile('/app/a.test.ts')  // reads the file's docblock
 * planner.notices                    // grows: docblocks that are ignored, …
 * ```
 *
 * Both throw GloveboxError `GLOVEBOX_CONFIG`: `createPlanner` for options and overrides (all problems in one message),
 * `profile` for a docblock (it names file and line; only that file is concerned).
 */
export interface PlannerInput extends SurveyInput {
  /** As the user wrote them; `undefined` = all defaults. */
  options: unknown
  /** Where they stand, for messages: `vitest.config.ts`, `command line`. */
  source: string
  /** Per-file options above all others, docblocks included: what a trial of `glovebox diagnose` changes. */
  forced?: unknown
  /** Why the kernel has refused an overlay of the project; with `onUnsupported: 'warn'` it is direct then. */
  overlayRefused?: string | undefined
}

export interface Preload {
  modules: readonly string[]
  root: string
  source: string
}

export interface Planner {
  readonly base: Profile
  /** The workspace root: the target of the project's overlay. */
  readonly project: string
  readonly onUnsupported: 'error' | 'warn'
  readonly report: ReportOptions
  readonly flaky: FlakyOptions
  /** Why the failures of a file (absolute path) do not fail it. */
  excuse(file: string, failures: readonly TestFailure[]): Quarantined | undefined
  readonly worker: WorkerStart
  /** What templates import: modules, resolved from `root`; `source` is where the user named them. */
  readonly preload: Preload
  /** The policy of one test file (absolute path): options, then overrides in order, then its docblock. */
  profile(file: string, mentions?: Mentions): Profile
  /** Real paths that are hidden from an ordinary file on purpose. */
  readonly hidden: readonly string[]
  /** What the user should know; grows while profiles are made. */
  readonly notices: readonly string[]
  /** One sentence for each override whose globs matched none of the files that ran. */
  unmatchedOverrides(files: readonly string[]): string[]
}

/** Reads what planning needs of the disk, validates the options, and makes the profile of an ordinary file. */
export function createPlanner(input: PlannerInput): Planner {
  const { source } = input
  const options = parseOptions(input.options, source)
  const { overrides, onUnsupported, report, stress, worker, preload, flaky: reruns, ...general } = options
  const surroundings = survey(input, options.root !== undefined)
  const refused = input.overlayRefused ?? whyNoOverlay(surroundings)
  const { host, lookup, root } = surroundings
  const real = (path: string) => lookup(path)?.real ?? path
  const expand = (paths: readonly string[] = []) => paths.map((path) => expandPath(path, host.home, root))
  const places = ({ hide, readonly, writable }: NonNullable<typeof general.filesystem> = {}) => ({
    hide: expand(hide),
    readonly: expand(readonly),
    writable: expand(writable),
  })
  const writable = [general, ...overrides].flatMap(({ filesystem }) => expand(filesystem?.writable))
  const around = {
    ...surroundings,
    overlayRefused: onUnsupported === 'warn' ? refused : undefined,
    owners: findOwners(surroundings, writable),
  }
  const forced =
    input.forced === undefined ? [] : [optionsLayer(parseFileOptions(input.forced, 'trial'), 'trial')]
  const resolve = (layers: readonly Layer[], file?: string, mentions?: Mentions) =>
    resolveProfile(mergeLayers([...layers, ...forced], around), around, file, mentions)

  const generalLayer = optionsLayer(general, source)
  const overrideLayers = overrides.map(({ files, ...rest }, index) => ({
    files,
    layer: optionsLayer(rest, source, `overrides[${index}].`),
  }))
  for (const { layer } of overrideLayers) mergeLayers([generalLayer, layer], around)
  // A trial is to see a file fail: what is in quarantine is what one wants to have diagnosed.
  const quarantine = input.forced === undefined ? readQuarantine(root) : []
  const notices = [
    ...expiryNotices(quarantine, dayOf(new Date())),
    ...[general, ...overrides].flatMap((layer) => missingHidden(layer, around)),
  ]
  if (around.overlayRefused !== undefined && (general.filesystem?.project ?? 'overlay') === 'overlay')
    notices.push(
      `filesystem.project is direct: an overlay ${around.overlayRefused}. What tests write to the project stays there`,
    )
  const base = resolve([generalLayer])
  const foreign = whyFileCapabilities(around.owners, base.mounts)
  if ((general.capabilities ?? 'auto') === 'auto' && foreign !== undefined)
    notices.push(
      `root keeps its capabilities for files in sandboxes, since ${foreign}. capabilities: 'none' drops them all`,
    )

  return {
    base,
    hidden: hiddenPaths({ host, lookup, ...places(general.filesystem) }),
    project: around.project ?? root,
    onUnsupported,
    report,
    flaky: { ...reruns, stress },
    excuse: (file, failures) => excuse(quarantine, relative(root, real(file)), failures, dayOf(new Date())),
    worker,
    preload: { modules: preload, root, source },
    notices,
    profile: (file, mentions) => {
      const docblock = readDocblock(readFileSync(file, 'utf8'), file)
      notices.push(...docblock.warnings.filter((warning) => !notices.includes(warning)))
      const matching = overrideLayers.filter((override) => matchesOverride(override, root, real(file)))
      const layers = [generalLayer, ...matching.map(({ layer }) => layer), docblockLayer(docblock, file)]
      return resolve(layers, real(file), mentions)
    },
    unmatchedOverrides: (files) => unmatchedOverrides(overrides, root, files.map(real)),
  }
}
