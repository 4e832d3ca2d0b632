import { closeSync } from 'node:fs'

test('closes the channel, and leaves as if all were well', () => {
  if (process.env.PLAIN) return
  closeSync(3)
  process.reallyExit(0)
})
