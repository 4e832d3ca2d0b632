import { expect, test } from 'vitest'
import type { Mount } from '../plan/profile.js'
import { adviceOn } from './advice.js'

const overlay: Mount = { type: 'overlay', source: '/app', target: '/app' }
const direct: Mount = { type: 'bind', source: '/app', target: '/app' }

test('EXDEV in a project that is an overlay has a known cause, and a remedy', () => {
  expect(adviceOn({ mounts: [overlay] }, { crossDevice: true })).toEqual([
    expect.stringMatching(/^failed of EXDEV: .*@glovebox-project direct/),
  ])
})

test('without an overlay, or without that error, nothing is said', () => {
  expect(adviceOn({ mounts: [direct] }, { crossDevice: true })).toEqual([])
  expect(adviceOn({ mounts: [overlay] }, { crossDevice: false })).toEqual([])
  expect(adviceOn({ mounts: [overlay] }, {})).toEqual([])
})
