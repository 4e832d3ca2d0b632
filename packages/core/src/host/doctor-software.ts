import prettyBytes from 'pretty-bytes'
import type { Row } from './doctor.js'
import type { Findings } from './findings.js'
import { installCommand } from './remedies.js'

/** What one sandbox keeps open in the runner's process is about five; a session's base is about a hundred. */
const OPEN_FILES_NEEDED = 256
const TEMP_NEEDED = 1024 * 1024

/** Versions and resources: kernel, Node.js, runners, descriptors, the temporary folder. */
export function softwareRows(findings: Findings): readonly Row[] {
  return [
    openFilesRow(findings),
    tempRow(findings),
    kernelRow(findings),
    nodeRow(findings),
    vitestRow(findings),
    jestRow(findings),
  ]
}

function openFilesRow({ openFilesMax }: Findings): Row {
  const base = { area: 'resources', name: 'open files' } as const
  const found = Number.isFinite(openFilesMax) ? String(openFilesMax) : 'unlimited'
  if (openFilesMax >= OPEN_FILES_NEEDED) return { ...base, status: 'ok', found }
  return {
    ...base,
    status: 'missing',
    found: `${found}, at least ${OPEN_FILES_NEEDED} needed`,
    cost: 'sandboxes fail with EMFILE',
    remedy: {
      advice: 'Raise the hard limit of this shell, as root',
      commands: [`prlimit --pid $$ --nofile=4096:4096`],
    },
  }
}

function tempRow({ temp }: Findings): Row {
  const base = { area: 'resources', name: 'temporary folder' } as const
  const free = `${prettyBytes(temp.free, { binary: true })} free`
  if (temp.error === undefined && temp.free >= TEMP_NEEDED)
    return { ...base, status: 'ok', found: `${temp.path}, ${free}` }
  return {
    ...base,
    status: 'missing',
    found: `${temp.path}: ${temp.error ?? free}`,
    cost: 'the private run directory cannot be made',
    remedy: {
      advice: 'Free some space there, or choose another folder',
      commands: ['export TMPDIR=/var/tmp'],
    },
  }
}

function kernelRow({ kernel }: Findings): Row {
  const base = { area: 'software', name: 'Linux' } as const
  if (!atLeast(kernel, [5, 14])) {
    return {
      ...base,
      status: 'missing',
      found: kernel,
      cost: 'mount_setattr(2) and cgroup.kill are absent',
      remedy: { advice: 'Use a kernel of 5.14 or later', commands: [] },
    }
  }
  if (atLeast(kernel, [6, 6])) return { ...base, status: 'ok', found: kernel }
  return { ...base, status: 'note', found: kernel, cost: 'user.* attributes on the overlay need Linux 6.6' }
}

function nodeRow({ node, kind }: Findings): Row {
  const base = { area: 'software', name: 'Node.js' } as const
  if (atLeast(node, [20, 19])) return { ...base, status: 'ok', found: node }
  const command = installCommand(kind, {
    debian: 'nodejs',
    fedora: 'nodejs',
    alpine: 'nodejs',
    arch: 'nodejs',
  })
  return {
    ...base,
    status: 'missing',
    found: node,
    cost: 'Glovebox needs 20.19 or later',
    remedy: { advice: 'Install a later one', commands: [command] },
  }
}

function vitestRow({ vitest }: Findings): Row {
  const base = { area: 'software', name: 'Vitest' } as const
  if (vitest === undefined) return { ...base, status: 'note', found: 'none in this folder' }
  if (atLeast(vitest, [4, 1])) return { ...base, status: 'ok', found: vitest }
  return {
    ...base,
    status: 'missing',
    found: vitest,
    cost: '@glovebox/vitest-plugin refuses it',
    remedy: { advice: 'Upgrade it', commands: ['npm install -D vitest@latest'] },
  }
}

function jestRow({ jest }: Findings): Row {
  const found =
    jest === undefined ? 'none in this folder' : `${jest}, for which this version of Glovebox has no adapter`
  return { area: 'software', name: 'Jest', status: 'note', found }
}

function atLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split(/[.-]/).map(Number)
  return ownMajor > major || (ownMajor === major && ownMinor >= minor)
}
