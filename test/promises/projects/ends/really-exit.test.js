import { test } from 'vitest'

test('finishes before', () => {})
test('leaves with a good exit code, past every guard of the runner', () => process.reallyExit(0))
