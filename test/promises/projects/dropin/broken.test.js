import './missing.js'
import { test } from 'vitest'

test('is never reached', () => {})
