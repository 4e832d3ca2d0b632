import { test } from 'vitest'

test('finishes before', () => {})
test('aborts', () => process.abort())
