import { execFileSync } from 'node:child_process'
import { test } from 'vitest'

test('finishes before', () => {})
test('starts 200 processes', () => {
  execFileSync('sh', ['-c', 'for i in $(seq 200); do sleep 2 & done; wait'], { stdio: 'pipe' })
})
