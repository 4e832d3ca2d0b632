/**
 * @glovebox-memory 160MiB
 */
import { spawnSync } from 'node:child_process'

test('takes no notice of a child that was killed for its memory, and leaves as if all were well', () => {
  if (process.env.PLAIN) return
  spawnSync(process.execPath, ['-e', 'const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1))'])
  process.reallyExit(0)
})
