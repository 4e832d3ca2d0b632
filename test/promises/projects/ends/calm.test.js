import { test } from 'vitest'

test('minds its own business', () => {})
