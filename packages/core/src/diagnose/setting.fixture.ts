import type { Setting } from './setting.js'

/** A setting that never was. */
export const settingFixture: Setting = {
  date: '2026-11-28T09:30:00.000Z',
  budget: 300_000,
  jobs: 2,
  sha256: '0'.repeat(64),
  commit: 'c0ffee0123456789c0ffee0123456789c0ffee01',
  versions: { glovebox: '0.1.0', node: 'v24.1.0', runner: '5.1.1' },
  machine: { cpus: 2, model: 'A CPU', memory: 4 << 30, system: 'linux x64 6.1.0' },
}
