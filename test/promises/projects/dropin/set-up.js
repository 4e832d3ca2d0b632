import { beforeEach } from 'vitest'

globalThis.prepared = 'by the setup file'
beforeEach(({ task }) => {
  task.meta.before = true
})
