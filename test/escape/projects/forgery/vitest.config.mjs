import glovebox from '@glovebox/vitest-plugin'
import { BaseSequencer } from 'vitest/node'

class ByName extends BaseSequencer {
  async sort(files) {
    return files.toSorted((one, other) => (one.moduleId < other.moduleId ? -1 : 1))
  }
}

export default {
  plugins: process.env.PLAIN ? [] : [glovebox()],
  test: {
    globals: true,
    maxWorkers: 1,
    sequence: { sequencer: ByName },
    globalSetup: ['./vitest-setup.mjs'],
    ...(process.env.PLAIN && { pool: 'forks' }),
  },
}
