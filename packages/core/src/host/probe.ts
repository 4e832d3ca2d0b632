import { mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { release } from 'node:os'
import { join } from 'node:path'
import { readControllers } from './controllers.js'
import { readHostFacts } from './facts.js'
import type { Feature, FeatureFinding, Findings, SupervisorFinding, TempFinding } from './findings.js'
import { features } from './findings.js'
import type { SupervisorFailure, SupervisorHello } from './hello.js'
import { readHostKind } from './kind.js'

/** A running supervisor, as far as the probe needs one. */
export interface ProbeTarget {
  readonly hello: SupervisorHello
  /** Has a child of the supervisor use the feature for real; `undefined` = it worked. */
  probe(feature: Feature): Promise<SupervisorFailure | undefined>
  close(): Promise<void>
}

export interface ProbeOptions {
  /** Where Vitest and Jest are looked for. */
  cwd: string
  /** Why root keeps its capabilities for files in sandboxes there. */
  foreign: () => string | undefined
  /** Path of the supervisor's executable. Throws a GloveboxError if there is none for this machine. */
  locate: () => string
  /** Starts it. Rejects with what it said, or with a GloveboxError. */
  start: (executable: string) => Promise<ProbeTarget>
}

/** Finds out what this host can do, by doing it. Never rejects for what the host lacks: that is what the findings say. */
export async function probeHost(options: ProbeOptions): Promise<Findings> {
  const facts = readHostFacts()
  return {
    kind: readHostKind(),
    kernel: release(),
    supervisor: await probeSupervisor(options),
    controllers: readControllers(),
    maskedProc: mountsBelowProc(facts.mountPoints),
    openFilesMax: facts.openFilesMax,
    temp: probeTemp(facts.tmpdir),
    foreign: options.foreign(),
    node: process.versions.node,
    vitest: versionOf('vitest', options.cwd),
    jest: versionOf('jest', options.cwd),
  }
}

async function probeSupervisor({ locate, start }: ProbeOptions): Promise<SupervisorFinding> {
  let path = ''
  try {
    path = locate()
    const target = await start(path)
    try {
      const entries: [Feature, FeatureFinding][] = []
      for (const feature of features) {
        const failure = await target.probe(feature)
        entries.push([feature, failure ? { works: false, failure } : { works: true }])
      }
      return {
        state: 'ran',
        path,
        hello: target.hello,
        features: Object.fromEntries(entries) as Record<Feature, FeatureFinding>,
      }
    } finally {
      await target.close()
    }
  } catch (error) {
    const failure = failureOf(error)
    if (path && failure) return { state: 'refused', path, failure }
    return { state: 'unavailable', message: error instanceof Error ? error.message : String(error) }
  }
}

/** The supervisor's own words, wherever in the chain of causes they are. */
export function failureOf(error: unknown): SupervisorFailure | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('stage' in at && typeof at.stage === 'string') {
      const { stage } = at
      const errno = 'errno' in at && typeof at.errno === 'number' ? at.errno : undefined
      const path = 'path' in at && typeof at.path === 'string' ? at.path : undefined
      return { stage, errno, path, message: at.message }
    }
  }
  return undefined
}

/** Anything mounted below /proc hides part of it, and the kernel then refuses a new procfs to a user namespace. Pure. */
export function mountsBelowProc(mountPoints: readonly string[]): readonly string[] {
  return mountPoints.filter((point) => point.startsWith('/proc/') && point !== '/proc/sys/fs/binfmt_misc')
}

/** Makes the kind of directory that a run needs, and removes it again. */
function probeTemp(path: string): TempFinding {
  let directory: string | undefined
  try {
    directory = mkdtempSync(join(path, 'glovebox-probe-'))
    writeFileSync(join(directory, 'file'), Buffer.alloc(65536))
    return { path, free: freeBytes(path), error: undefined }
  } catch (error) {
    return { path, free: freeBytes(path), error: (error as NodeJS.ErrnoException).code ?? String(error) }
  } finally {
    if (directory) rmSync(directory, { recursive: true, force: true })
  }
}

function freeBytes(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize
  } catch {
    return 0
  }
}

/** The version of a package as a program in `cwd` would load it. */
function versionOf(name: string, cwd: string): string | undefined {
  try {
    const manifest = createRequire(join(cwd, 'noop.js')).resolve(`${name}/package.json`)
    return (JSON.parse(readFileSync(manifest, 'utf8')) as { version?: string }).version
  } catch {
    return undefined
  }
}
