import { test } from 'vitest'

test('finishes before', () => {})
test('calls process.exit', () => process.exit(3))
