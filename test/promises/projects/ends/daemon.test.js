import { execFileSync } from 'node:child_process'
import { test } from 'vitest'

test('leaves a daemon that has forked twice', () => {
  // The shell in the middle ends at once, so that the sleep is an orphan in a session of its own.
  execFileSync('sh', ['-c', 'setsid sh -c "sleep 1000 & exit" >/dev/null 2>&1'], { stdio: 'ignore' })
})
