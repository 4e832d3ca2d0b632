import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { hog, megabytes } from './hog.js'

hog(async () => {
  const hold = Number(process.env.HOLD ?? 0)
  const code = `globalThis.kept = Buffer.alloc(${megabytes} << 20, 1); setTimeout(() => {}, ${hold})`
  const [exitCode] = await once(spawn(process.execPath, ['-e', code]), 'exit')
  if (exitCode !== 0) throw new Error(`the child ended with ${exitCode}`)
})
